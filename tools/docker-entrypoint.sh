#!/bin/sh
# The entry of the container: gives the data folder to the user knowbot, becomes that user for good, and runs the command given.
# Started as somebody else already (`docker run --user`, Kubernetes), it runs the command and changes nothing.
set -eu

data=${KNOWBOT_DATA:-${RAILWAY_VOLUME_MOUNT_PATH:-/app/data}}

if [ -n "${RAILWAY_ENVIRONMENT_ID:-}" ] && [ -z "${RAILWAY_VOLUME_MOUNT_PATH:-}" ]; then
  echo "This service has no volume: everything is gone with the next deployment. Attach one at /app/data." >&2
fi

if [ "$(id -u)" != 0 ]; then exec "$@"; fi

mkdir -p "$data"
# The folder itself changes hands last, so a chown that was cut off is done again, and one that is done is not.
if [ "$(stat --format=%U "$data")" != knowbot ]; then chown --recursive knowbot:knowbot "$data"; fi
export HOME=/home/knowbot
exec setpriv --reuid=knowbot --regid=knowbot --init-groups --no-new-privs -- "$@"
