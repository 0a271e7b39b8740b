# shellcheck shell=bash
# What the scripts of this folder and Tests/Sanitizer share. Sourced by each as its first act: sets `root`.

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
# Some languages write the decimal mark of EPOCHREALTIME as a comma.
LC_NUMERIC=C

# Prints what the script says of itself: the lines of its comment, without the first one.
usage() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"; }

# A line for a step that was done, with the time since then, in the columns of the lines that localstack prints.
step() { # name, moment at which it began
  printf '  %-56s %6s s\n' "$1" "$(awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $2 }")"
}

# Packages of the system, of which the arguments are wanted beside what building and running need.
system_packages() {
  local begun=$EPOCHREALTIME
  "$root/Tools/LocalStack/system-packages.sh" "$@"
  step "System packages" "$begun"
}

# Sets `python`, of an environment that is made unless it has what is wanted. Two may want it at once.
python_environment() {
  local begun=$EPOCHREALTIME venv=$root/.local/venv lists=$root/Tests/Harness wanted lock
  python=$venv/bin/python
  # Where the modules are that folders share.
  export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$root/Tests
  wanted=$(cat "$lists/requirements.txt" "$lists/requirements-alone.txt" | sha256sum | cut -c1-16)
  [ -e "$venv/$wanted" ] && return
  mkdir -p "$root/.local"
  exec {lock}> "$root/.local/venv.lock"
  flock "$lock"
  if [ ! -e "$venv/$wanted" ]; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$python" -m pip install --quiet --disable-pip-version-check -r "$lists/requirements.txt"
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps -r "$lists/requirements-alone.txt"
    touch "$venv/$wanted"
  fi
  exec {lock}>&-
  step "Python's environment" "$begun"
}

# Sets and exports `DOCS_ASSETS`, unless it is set: what shows the interface in a browser. All else works without it.
docs_assets() { # a Python
  local begun=$EPOCHREALTIME
  [ -z "${DOCS_ASSETS:-}" ] || return 0
  export DOCS_ASSETS=$root/.build/docs
  if "$root/Tools/Docs/fetch.sh" "$DOCS_ASSETS" "$1"; then
    step "Viewers of the interface" "$begun"
  else
    echo "  The viewers of /docs could not be fetched; the pages say so, and everything else works." >&2
  fi
}

# Checks the types of the JavaScript client, and writes them down.
client_types() { # where orderline.d.ts goes
  tsc --allowJs --checkJs --strict --declaration --emitDeclarationOnly --target es2022 --module es2022 \
    --lib es2022,dom,dom.iterable --outDir "$1" "$root/Services/Gateway/Service/Web/Client/orderline.js"
}

# A command whose output goes into a file; when it fails, the end of that is shown.
logged() { # what failed, file, command…
  local what=$1 log=$2
  shift 2
  if ! "$@" > "$log" 2>&1 < /dev/null; then
    { echo "$what. The end of $log:"; tail -n 30 "$log" | sed 's/^/    /'; } >&2
    return 1
  fi
}

# Fails unless the directory has these executables.
require_programs() { # directory, names…
  local directory=$1 program
  shift
  for program in "$@"; do
    if [ ! -x "$directory/$program" ]; then
      echo "$directory/$program is missing: build first (bin/up does, and so does swift build)." >&2
      return 1
    fi
  done
}

# Starts a PostgreSQL and a NATS server for Swift tests and tells these where they are.
start_backing() { # the program localstack, data directory
  "$1" backing --data "$2" --detach
  read -r TEST_POSTGRES_URL TEST_NATS_URL < <(python3 -c '
import json, sys
run = json.load(open(sys.argv[1]))
print(run["postgres"]["url"], run["nats"]["url"])
' "$2/run.json")
  export TEST_POSTGRES_URL TEST_NATS_URL
}

stop_stack() { # data directory
  if [ -e "$1/lock" ]; then "$root/bin/down" --data "$1" > /dev/null; fi
}
