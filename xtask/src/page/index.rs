//! `index.html` as trunk and we both read it.
//!
//! Three kinds of lines mean something: `<link data-trunk rel="copy-dir" href="…">` names a directory of the page,
//! `<link data-trunk rel="rust">` is where the program starts, and the import map says which file a module's name stands
//! for. The page that we serve has no script of its own in it, so that its content security policy can forbid them.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;

const IMPORT_MAP: &str = r#"<script type="importmap">"#;

#[derive(Debug)]
pub(crate) struct Index {
    /// Directories beside `index.html` that belong to the page.
    pub directories: Vec<String>,
    /// Name of a module to the path of its file, which starts with `./`.
    pub imports: BTreeMap<String, String>,
    lines: Vec<Line>,
}

#[derive(Debug)]
enum Line {
    Html(String),
    Program,
}

#[derive(Deserialize)]
struct ImportMap {
    imports: BTreeMap<String, String>,
}

impl Index {
    pub(crate) fn parse(html: &str) -> Result<Self> {
        let mut index = Self { directories: Vec::new(), imports: BTreeMap::new(), lines: Vec::new() };
        for line in html.lines() {
            if let Some(json) = line.trim().strip_prefix(IMPORT_MAP) {
                let json = json.strip_suffix("</script>").context("the import map of index.html has to be one line")?;
                let map: ImportMap = serde_json::from_str(json).context("the import map of index.html is not JSON")?;
                index.imports = map.imports;
            } else if !line.contains("data-trunk") {
                index.lines.push(Line::Html(line.to_owned()));
            } else {
                match (attribute(line, "rel"), attribute(line, "href")) {
                    (Some("copy-dir"), Some(directory)) => index.directories.push(directory.to_owned()),
                    (Some("rust"), None) => index.lines.push(Line::Program),
                    _ => bail!("index.html has a line for trunk that `cargo xtask` can't build: {}", line.trim()),
                }
            }
        }
        Ok(index)
    }

    /// The page as it is served, with all that it refers to below `base`.
    pub(crate) fn render(&self, base: &str) -> String {
        let mut html = String::new();
        for line in &self.lines {
            match line {
                Line::Html(line) => html.push_str(&line.replace("=\"./", &format!("=\"{base}/"))),
                Line::Program => html.push_str(&format!(
                    "    <link rel=\"modulepreload\" href=\"{base}/app.js\" />\n    \
                     <link rel=\"preload\" href=\"{base}/app_bg.wasm\" as=\"fetch\" type=\"application/wasm\" crossorigin />\n    \
                     <script type=\"module\" src=\"{base}/start.js\"></script>"
                )),
            }
            html.push('\n');
        }
        html
    }

    /// `script` with the import map's names replaced by the files that they stand for.
    pub(crate) fn resolve(&self, script: &str) -> String {
        self.imports.iter().fold(script.to_owned(), |script, (name, file)| {
            script
                .replace(&format!("from '{name}'"), &format!("from '{file}'"))
                .replace(&format!("from \"{name}\""), &format!("from \"{file}\""))
        })
    }
}

fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may break")]

    use super::Index;

    const HTML: &str = r#"<head>
  <script type="importmap">{"imports":{"xterm":"./vendor/xterm.mjs"}}</script>
  <link data-trunk rel="copy-dir" href="style" />
  <link rel="stylesheet" href="./style/base.css" />
  <link data-trunk rel="rust" />
</head>"#;

    #[test]
    fn names_what_belongs_to_the_page() {
        let index = Index::parse(HTML).unwrap();
        assert_eq!(index.directories, ["style"]);
        assert_eq!(index.imports["xterm"], "./vendor/xterm.mjs");
    }

    #[test]
    fn serves_everything_from_one_directory_and_no_script_in_the_page() {
        let html = Index::parse(HTML).unwrap().render("/assets/1");
        assert!(html.contains(r#"href="/assets/1/style/base.css""#));
        assert!(html.contains(r#"<script type="module" src="/assets/1/start.js"></script>"#));
        assert!(!html.contains("importmap") && !html.contains("data-trunk") && !html.contains("\"./"));
    }

    #[test]
    fn resolves_modules_without_the_import_map() {
        let index = Index::parse(HTML).unwrap();
        assert_eq!(
            index.resolve("import { Terminal } from 'xterm';"),
            "import { Terminal } from './vendor/xterm.mjs';"
        );
    }

    #[test]
    fn refuses_what_only_trunk_understands() {
        let error = Index::parse(r#"<link data-trunk rel="sass" href="a.scss" />"#).unwrap_err();
        assert!(error.to_string().contains("sass"));
    }
}
