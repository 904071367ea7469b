use std::sync::Arc;
struct Disk;
impl brownout_scenario::Files for Disk {
    fn read(&self, path: &str) -> Result<String, brownout_scenario::FileError> {
        std::fs::read_to_string(format!("scenarios/{path}")).map_err(|e| brownout_scenario::FileError::Other(e.to_string()))
    }
}
fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let (loaded, d) = brownout_scenario::load(&Disk, "regional-gateway/scenario.ron");
    let loaded = loaded.unwrap_or_else(|| panic!("{d:?}"));
    let seed = 7;
    let scenario = Arc::new(brownout_scenario::compile(&loaded, None, seed).unwrap_or_else(|d| panic!("{d:?}")));
    if args.len() > 1 {
        let (w, h) = args[2].split_once('x').unwrap();
        brownout::app::shots(brownout::app::ShotsOptions { dir: args[1].clone().into(), size: (w.parse()?, h.parse()?), screen: args[3].parse().map_err(anyhow::Error::msg)?, scenario, seed })
    } else {
        brownout::app::play(brownout::app::PlayOptions { scenario, seed, speed: 1, title: "Brownout".into() })
    }
}
