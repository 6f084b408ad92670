#!/bin/sh
# Templates in /etc/nginx/templates become configuration in /etc/nginx/conf.d: `${NAME}` is replaced by the variable of that
# name if there is one, so that nginx's own variables stay.
#
# NGINX_ENVSUBST_TEMPLATE_DIR, NGINX_ENVSUBST_OUTPUT_DIR: other directories
# NGINX_ENVSUBST_TEMPLATE_SUFFIX: how a template's name ends (.template)
# NGINX_ENVSUBST_FILTER: a regular expression that names of variables match
set -eu

templates=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
output=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}

[ -d "$templates" ] || exit 0
if [ ! -w "$output" ]; then
    echo "$0: $output can't be written to: templates are left out" >&2
    exit 0
fi

names=$(awk -v filter="${NGINX_ENVSUBST_FILTER:-}" \
    'BEGIN { for (name in ENVIRON) if (name ~ /^[A-Za-z_][A-Za-z0-9_]*$/ && name ~ filter) printf "${%s} ", name }')
find "$templates" -follow -type f -name "*$suffix" | while IFS= read -r template; do
    relative=${template#"$templates"/}
    target=$output/${relative%"$suffix"}
    mkdir -p "$(dirname "$target")"
    envsubst "$names" <"$template" >"$target"
done
