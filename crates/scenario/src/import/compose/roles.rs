//! What a service of a compose file is, by its image and its name.

/// What a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Role {
    /// Passes users' requests on: a proxy, a gateway, a frontend.
    Edge,
    /// An application service.
    Service,
    /// A database.
    Database,
    /// A cache.
    Cache,
    /// A queue.
    Queue,
    /// Makes requests as users do.
    Users,
    /// Not on the way of requests, and why.
    Aside(&'static str),
}

const TELEMETRY: &str = "left out: it watches, and is not on the way of requests";
const COORDINATION: &str =
    "left out: it tells services where others are, and is not on the way of requests";
const TOOL: &str = "left out: a tool for people, not on the way of requests";
const ONCE: &str = "left out: it runs once and ends";
const TIMER: &str = "left out: it works by the clock, and nobody waits for it";

/// Words of images, and of names where the image says nothing, with what they say. The first that fits counts, so what
/// changes the meaning of others stands first: `kafka-ui` is no queue.
const WORDS: [(Role, &[&str]); 10] = [
    (
        Role::Aside(TOOL),
        &[
            "ui",
            "admin",
            "adminer",
            "pgadmin",
            "phpmyadmin",
            "portainer",
            "mailhog",
            "kafdrop",
            "watchtower",
            "commander",
            "express",
        ],
    ),
    (
        Role::Aside(TELEMETRY),
        &[
            "jaeger",
            "jaegertracing",
            "prometheus",
            "grafana",
            "otel",
            "otelcol",
            "opentelemetry",
            "collector",
            "zipkin",
            "loki",
            "tempo",
            "promtail",
            "fluentd",
            "fluentbit",
            "kibana",
            "logstash",
            "filebeat",
            "metricbeat",
            "cadvisor",
            "alertmanager",
            "statsd",
            "exporter",
            "datadog",
            "opamp",
            "dashboards",
        ],
    ),
    (
        Role::Aside(COORDINATION),
        &["consul", "etcd", "zookeeper", "vault", "eureka"],
    ),
    (
        Role::Aside(ONCE),
        &[
            "init",
            "migrate",
            "migration",
            "migrations",
            "migrator",
            "setup",
            "seed",
            "seeder",
        ],
    ),
    (Role::Aside(TIMER), &["cron", "scheduler", "backup"]),
    (
        Role::Users,
        &[
            "loadgen",
            "loadgenerator",
            "locust",
            "k6",
            "wrk",
            "gatling",
            "jmeter",
            "artillery",
        ],
    ),
    (
        Role::Database,
        &[
            "postgres",
            "postgresql",
            "postgis",
            "pg",
            "mysql",
            "mariadb",
            "percona",
            "mongo",
            "mongodb",
            "cassandra",
            "scylla",
            "cockroach",
            "cockroachdb",
            "mssql",
            "sqlserver",
            "oracle",
            "neo4j",
            "clickhouse",
            "dynamodb",
            "elasticsearch",
            "opensearch",
            "solr",
            "couchdb",
            "couchbase",
            "influxdb",
            "timescaledb",
            "tidb",
            "yugabyte",
            "yugabytedb",
            "arangodb",
            "db",
            "database",
        ],
    ),
    (
        Role::Cache,
        &[
            "redis",
            "memcached",
            "memcache",
            "valkey",
            "dragonfly",
            "keydb",
            "hazelcast",
            "cache",
        ],
    ),
    (
        Role::Queue,
        &[
            "kafka",
            "rabbitmq",
            "rabbit",
            "nats",
            "activemq",
            "artemis",
            "pulsar",
            "redpanda",
            "mosquitto",
            "elasticmq",
            "nsqd",
            "beanstalkd",
            "queue",
            "broker",
        ],
    ),
    (
        Role::Edge,
        &[
            "nginx",
            "envoy",
            "traefik",
            "haproxy",
            "caddy",
            "kong",
            "apache",
            "httpd",
            "openresty",
            "gateway",
            "ingress",
            "proxy",
            "frontend",
            "web",
            "www",
            "webapp",
            "edge",
        ],
    ),
];

/// Words after which a name is about an application, whatever else it names: `kafka-consumer`, `redis-worker`.
const APPLICATION: [&str; 8] = [
    "consumer",
    "worker",
    "service",
    "api",
    "app",
    "client",
    "producer",
    "processor",
];

/// What a service of this image and name is. An image known by itself counts before the name.
pub(in super::super) fn role(image: &str, name: &str) -> Role {
    // The last part of `registry/owner/image:tag@digest`; one made of variables says nothing.
    let image = image.split('@').next().unwrap_or_default();
    let (owner, image) = image.rsplit_once('/').unwrap_or(("", image));
    // Who makes telemetry makes nothing else.
    if matches!(by_words(owner), Some(Role::Aside(TELEMETRY))) {
        return Role::Aside(TELEMETRY);
    }
    let image = match image.split_once(':') {
        Some((image, _)) => image,
        None => image,
    };
    let by_image = if image.contains('$') {
        None
    } else {
        by_words(image)
    };
    // What an image is made for is sure of a store or tool; whether it is the way in, its name knows as well.
    match by_image {
        Some(role) => role,
        None => by_words(name).unwrap_or(Role::Service),
    }
}

/// Whether a word of a name says what a thing is, not what it is about.
pub(super) fn is_kind(word: &str) -> bool {
    let store = |(role, known): &(Role, &[&str])| {
        matches!(role, Role::Database | Role::Cache | Role::Queue) && known.contains(&word)
    };
    word == "service" || WORDS.iter().any(store)
}

fn by_words(text: &str) -> Option<Role> {
    let text = text.to_ascii_lowercase();
    let words: Vec<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    if words
        .windows(2)
        .any(|pair| matches!(pair, ["load", "generator" | "gen"]))
    {
        return Some(Role::Users);
    }
    let fits = |known: &[&str]| {
        words.iter().any(|word| {
            // `mongo6` and `db2` are what they are without the number.
            let plain = word.trim_end_matches(|c: char| c.is_ascii_digit());
            known.contains(word) || known.contains(&plain)
        })
    };
    let role = WORDS
        .iter()
        .find_map(|(role, known)| fits(known).then_some(*role))?;
    let store = matches!(role, Role::Database | Role::Cache | Role::Queue);
    if store && fits(&APPLICATION) {
        return Some(Role::Service);
    }
    Some(role)
}

#[cfg(test)]
mod tests {
    use super::{COORDINATION, Role, TELEMETRY, TOOL, role};

    #[test]
    fn images_and_names_say_what_things_are() {
        for (image, name, expected) in [
            ("postgres:16", "store", Role::Database),
            ("docker.io/bitnami/kafka:3.7", "events", Role::Queue),
            ("confluentinc/cp-kafka@sha256:ab", "k", Role::Queue),
            ("redis", "mongodb", Role::Cache),
            ("acme/orders:1", "orders", Role::Service),
            ("acme/shop:1", "orders-db", Role::Database),
            ("${IMAGE}:${TAG}-kafka", "kafka", Role::Queue),
            ("", "kafka-consumer", Role::Service),
            ("provectuslabs/kafka-ui", "kafka-ui", Role::Aside(TOOL)),
            ("jaegertracing/all-in-one", "traces", Role::Aside(TELEMETRY)),
            ("hashicorp/consul:1", "consul", Role::Aside(COORDINATION)),
            ("acme/load-generator", "users", Role::Users),
            ("nginx:alpine", "front", Role::Edge),
            ("mongo6", "x", Role::Database),
            ("acme/webhook", "webhook", Role::Service),
        ] {
            assert_eq!(role(image, name), expected, "{image} {name}");
        }
    }
}
