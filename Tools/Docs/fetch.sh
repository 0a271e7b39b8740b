#!/usr/bin/env bash
# Fetches what shows the interface's documents in a browser (Swagger UI, AsyncAPI viewer) from the packages that publish it,
# checked against requirements.txt. Does nothing when it is there.
#
#   fetch.sh DIRECTORY [PYTHON]     where the files go, each with a compressed one beside it, and a Python that has pip
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd -P)
directory=${1:?which directory}
python=${2:-python3}
stamp=$directory/$(cat "$here/requirements.txt" "$here/fetch.sh" | sha256sum | cut -c1-16)
[ -e "$stamp" ] && exit
mkdir -p "$(dirname "$directory")"
work=$(mktemp -d "$directory.XXXXXX")
trap 'rm -rf "$work"' EXIT
if ! "$python" -m pip --version > /dev/null 2>&1; then
  "$python" -m venv "$work/venv"
  python=$work/venv/bin/python
fi
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
  --dest "$work/wheels" --requirement "$here/requirements.txt"
for wheel in "$work"/wheels/*.whl; do "$python" -m zipfile -e "$wheel" "$work/content"; done
mkdir "$work/files"
swagger=$work/content/drf_spectacular_sidecar/static/drf_spectacular_sidecar/swagger-ui-dist
cp "$swagger/swagger-ui-bundle.js" "$swagger/swagger-ui.css" "$work/files"
cp "$swagger/LICENSE" "$work/files/swagger-ui.LICENSE"
cp "$work/content/asyncapi_viewer/static/asyncapi-viewer.js" "$work/files"
cp "$work"/content/asyncapi_viewer-*.dist-info/licenses/LICENSE "$work/files/asyncapi-viewer.LICENSE"
gzip --keep --best --no-name "$work"/files/*.js "$work"/files/*.css
chmod -R a+rX "$work/files"
touch "$work/files/$(basename "$stamp")"
rm -rf "$directory"
mv "$work/files" "$directory"
