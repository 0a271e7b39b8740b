#!/bin/bash
# Exits with 0 when the process of this container is ready. Uses nothing but bash, which is all that the image has.
exec 3<> "/dev/tcp/127.0.0.1/${OPS_PORT:-9090}" || exit 1
printf 'GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r -t 2 _ status _ <&3
[ "$status" = 200 ]
