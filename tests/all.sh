#!/bin/sh
# All tests, from a clean clone on a machine with Rust: core crates first, then format and lints, then the program and
# the window under a virtual display. Installs the virtual display and a software Vulkan driver where they are missing
# (Debian and relatives). Ends with a line "N passed, N failed"; exits 1 if anything failed.
set -u
cd "$(dirname "$0")/.." || exit 1

results=$(mktemp)
trap 'rm -f "$results"' EXIT
failed_steps=0

run() { # a command whose output is kept and whose failure is remembered
    printf '\n== %s\n' "$*"
    status=$( { { "$@" 2>&1; echo $? >&3; } | tee -a "$results" >&2; } 3>&1 )
    [ "$status" -eq 0 ] || { failed_steps=$((failed_steps + 1)); printf 'FAILED: %s\n' "$*"; }
}

missing=""
command -v Xvfb >/dev/null 2>&1 || missing="$missing xvfb"
command -v xdotool >/dev/null 2>&1 || missing="$missing xdotool"
command -v xclip >/dev/null 2>&1 || missing="$missing xclip"
ls /usr/share/vulkan/icd.d/lvp_icd*.json >/dev/null 2>&1 || missing="$missing mesa-vulkan-drivers"
for pair in libvulkan.so.1=libvulkan1 libX11.so.6=libx11-6 libX11-xcb.so.1=libx11-xcb1 libXcursor.so.1=libxcursor1 \
    libXi.so.6=libxi6 libXrandr.so.2=libxrandr2 libxkbcommon-x11.so.0=libxkbcommon-x11-0; do
    ls /usr/lib/*/"${pair%%=*}" >/dev/null 2>&1 || missing="$missing ${pair##*=}"
done
if [ -n "$missing" ] && command -v apt-get >/dev/null 2>&1; then
    sudo=""
    [ "$(id -u)" -eq 0 ] || sudo="sudo"
    printf '== installing%s\n' "$missing"
    $sudo apt-get update -qq >/dev/null && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null
fi

run cargo test --no-fail-fast -p brownout-sim -p brownout-telemetry -p brownout-scenario -p brownout-session
run cargo fmt --all --check
run cargo clippy --workspace --all-targets -- -D warnings
run cargo test --no-fail-fast -p brownout

passed=$(sed -n 's/^test result: .* \([0-9]*\) passed; .*/\1/p' "$results" | awk '{ n += $1 } END { print n + 0 }')
failed=$(sed -n 's/^test result: .* passed; \([0-9]*\) failed; .*/\1/p' "$results" | awk '{ n += $1 } END { print n + 0 }')
[ "$failed" -gt 0 ] || failed=$failed_steps
printf '\n%s passed, %s failed\n' "$passed" "$failed"
[ "$failed_steps" -eq 0 ]
