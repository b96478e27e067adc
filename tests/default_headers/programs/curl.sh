#!/bin/sh
# curl: sh curl.sh URL
client="$1/curl%20$(curl --version | cut -d ' ' -f 2 | head -n 1)"
curl -s -o /dev/null -d scope=users:read "$client/form"
curl -s -o /dev/null "$client/read"
curl -s -o /dev/null -H 'content-type: application/json' -d '{"title": "Mine"}' "$client/write"
curl -s -o /dev/null -X POST "$client/post"
curl -s -o /dev/null -X DELETE "$client/delete"
head -c 1100000 /dev/zero | tr '\0' ' ' | curl -s -o /dev/null -H 'content-type: application/json' -d @- "$client/write-long"
