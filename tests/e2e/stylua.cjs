// Name the files that stylua would write differently: stylua.cjs PACKAGE SETTINGS FILES...
// PACKAGE is the folder of the npm package, SETTINGS the JSON of `stylua.toml`.

const fs = require('fs');

const [home, settings, ...files] = process.argv.slice(2);
const lib = require(`${home}/stylua_lib_node.cjs`);
const ENUMS = { indent_type: lib.IndentType, quote_style: lib.QuoteStyle };

for (const file of files) {
  const config = lib.Config.new();
  for (const [name, value] of Object.entries(JSON.parse(settings)))
    config[name] = name in ENUMS ? ENUMS[name][value] : value;
  const text = fs.readFileSync(file, 'utf8');
  const formed = lib.formatCode(text, config, undefined, lib.OutputVerification.None);
  if (formed !== text) console.log(file);
}
