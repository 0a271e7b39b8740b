#!/usr/bin/env bash
# Makes sure that the Debian or Ubuntu packages that building and running on this machine needs are there: installs the missing
# ones as root or through sudo, and otherwise names them and fails. Says nothing when nothing is missing.
#
#   system-packages.sh [PACKAGE…]     the arguments are wanted too
set -euo pipefail

missing=()
# Programs may come from elsewhere than a package.
command -v git >/dev/null || missing+=(git)
command -v g++ >/dev/null || missing+=(g++)
command -v pkg-config >/dev/null || missing+=(pkg-config)
command -v setpriv >/dev/null || missing+=(util-linux)
[ -x /usr/sbin/nats-server ] || command -v nats-server >/dev/null || missing+=(nats-server)
compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || missing+=(postgresql)
# What Swift itself is linked with; the packages' names differ between releases, these lead to them everywhere.
libraries=$(/sbin/ldconfig -p 2>/dev/null || true)
for pair in libncurses.so.6:libncurses6 libcurl.so.4:libcurl4 libsqlite3.so.0:libsqlite3-0; do
  grep -qF "${pair%%:*} " <<< "$libraries" || missing+=("${pair#*:}")
done

wanted=(libpq-dev libssl-dev libnats-dev libargon2-dev zlib1g-dev "$@")
if command -v dpkg-query >/dev/null; then
  # One call for all: names without a package are complained about, and are missing as well.
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/ installed$//p' || true)
  for package in "${wanted[@]}"; do
    grep -qxF -- "$package" <<< "$installed" || missing+=("$package")
  done
elif ! command -v apt-get >/dev/null; then
  echo "This machine has neither dpkg nor apt-get: install what ${wanted[*]} are called here, PostgreSQL and nats-server." >&2
  [ ${#missing[@]} = 0 ] && exit 0
fi
[ ${#missing[@]} = 0 ] && exit 0

advice="Missing packages: ${missing[*]}
Install them with: apt-get install ${missing[*]}"
as_root=()
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then echo "$advice" >&2; exit 1; fi
  if sudo -n true 2>/dev/null; then
    as_root=(sudo -n)
  elif [ -t 0 ]; then
    echo "  Installing needs sudo: ${missing[*]}"
    as_root=(sudo)
  else
    echo "$advice" >&2; exit 1
  fi
fi

log=$(mktemp)
echo "  Installing ${missing[*]} …"
# Only the programs are wanted, not the servers that these packages would start now and at every boot. What is already
# there, such as a PostgreSQL cluster of the machine's, is left alone.
if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive bash -s -- "${missing[@]}" > "$log" 2>&1 <<'ROOT'
set -euo pipefail
cleanup=()
trap '[ ${#cleanup[@]} = 0 ] || rm -f "${cleanup[@]}"' EXIT
if [ ! -e /usr/sbin/policy-rc.d ]; then
  cleanup+=(/usr/sbin/policy-rc.d)
  printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
fi
case " $* " in *" postgresql "*)
  mkdir -p /etc/postgresql-common/createcluster.d
  cleanup+=(/etc/postgresql-common/createcluster.d/orderline.conf)
  echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.d/orderline.conf ;;
esac
apt-get update
apt-get install -y --no-install-recommends "$@" < /dev/null
case " $* " in *" nats-server "*)
  if command -v systemctl >/dev/null; then systemctl disable nats-server.service || true; fi ;;
esac
ROOT
then
  { echo "$advice"; echo "apt-get ended with:"; tail -n 15 "$log" | sed 's/^/    /'; } >&2
  rm -f "$log"
  exit 1
fi
rm -f "$log"
