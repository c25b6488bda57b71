# Sourced by quickstart and check: installs the packages that are missing on a Debian or Ubuntu machine.
# Works as root, or as a user with sudo; says what is missing where it can do neither.

orrery_packages=(
  g++ cmake ninja-build ccache python3 tzdata ca-certificates
  libboost-dev libboost-graph-dev libeigen3-dev libcli11-dev nlohmann-json3-dev libfmt-dev libyaml-dev libxxhash-dev libmimalloc-dev
  librandom123-dev libhowardhinnant-date-dev libbenchmark-dev doctest-dev librapidcheck-dev
)

# install_packages [MORE…]
install_packages() {
  local missing=() p
  for p in "${orrery_packages[@]}" "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=("$p")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local become=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
      echo "These packages are missing, and there is neither root nor sudo to install them: ${missing[*]}" >&2
      return 2
    fi
    become=(sudo)
  fi
  echo "Installing: ${missing[*]}" >&2
  "${become[@]}" apt-get update -qq >&2 &&
    "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# configure_and_build PRESET TARGET…
configure_and_build() {
  local preset=$1
  shift
  local launcher=()
  command -v ccache >/dev/null 2>&1 && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  cmake --preset "$preset" "${launcher[@]}" >&2 && cmake --build --preset "$preset" --target "$@" >&2
}
