//! Makes the JavaScript around the page's WebAssembly.
//!
//! A crate of its own, so that only who builds the page compiles it. Compiling `wasm-bindgen-cli` or trunk instead
//! takes minutes.

use anyhow::{Context, Result, bail};
use std::env;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [input, output] = arguments.as_slice() else {
        bail!("usage: bindgen WASM-FILE OUTPUT-DIRECTORY");
    };
    Bindgen::new()
        .web(true)?
        .typescript(false)
        // The program lies beside the script, and the script knows it.
        .omit_default_module_path(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .input_path(input)
        .out_name("app")
        .generate(output)
        .with_context(|| format!("could not make the JavaScript for {input}"))
}
