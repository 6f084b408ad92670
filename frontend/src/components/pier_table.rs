//! The pier in full: containers, images, limits.

use super::ship;
use super::ship_actions::{Act, ship_actions};
use crate::i18n::Texts;
use crate::prefs::use_texts;
use protocol::harbour::{ContainerAction, Harbour, Ship};
use std::collections::BTreeMap;
use std::rc::Rc;
use yew::prelude::*;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct PierTableProps {
    pub(crate) harbour: Rc<Harbour>,
    /// What is being done with containers, by their ids.
    pub(crate) acting: BTreeMap<String, ContainerAction>,
    pub(crate) on_act: Callback<Act>,
}

#[component]
pub(crate) fn PierTable(props: &PierTableProps) -> Html {
    let texts = use_texts();
    let Harbour { containers, images, limits } = &*props.harbour;
    html! {
        <div class="pier-columns">
            <section>
                <h2>{ texts.containers }</h2>
                if containers.is_empty() {
                    <p class="quay-empty">{ texts.pier_empty }{ " " }<code>{ "docker run -it debian" }</code></p>
                } else {
                    <div class="scroll-x" tabindex="0" role="group" aria-label={texts.containers}><table>
                        <thead><tr>
                            <th scope="col">{ texts.name }</th><th scope="col">{ texts.state }</th><th scope="col">{ texts.actions }</th><th scope="col">{ "Image" }</th>
                            <th scope="col">{ texts.command }</th><th scope="col">{ texts.address }</th><th scope="col">{ "ID" }</th>
                        </tr></thead>
                        <tbody>{ for containers.iter().map(|container| row(container, props, texts)) }</tbody>
                    </table></div>
                }
            </section>
            <section>
                <h2>{ texts.images }</h2>
                if images.is_empty() {
                    <p class="quay-empty">{ texts.no_images }</p>
                }
                <dl class="pairs">
                    { for images.iter().map(|image| html! { <div><dt class="mono">{ &image.name }</dt><dd>{ texts.bytes(image.size) }</dd></div> }) }
                </dl>
            </section>
            <section>
                <h2>{ texts.limits }</h2>
                <dl class="pairs">
                    <div><dt>{ texts.memory }</dt><dd>{ texts.memory_bytes(limits.memory) }</dd></div>
                    <div><dt>{ texts.cpus }</dt><dd>{ texts.decimal(limits.millicpus as f64 / 1000.0) }</dd></div>
                    <div><dt>{ texts.processes }</dt><dd>{ limits.pids }</dd></div>
                </dl>
            </section>
        </div>
    }
}

fn row(container: &Ship, props: &PierTableProps, texts: &Texts) -> Html {
    let acting = props.acting.get(&container.id).copied();
    html! {
        <tr id={ship::row_id(container)} key={container.id.clone()} class={classes!("ship", ship::class_of(container))}>
            <th scope="row">{ &container.name }</th>
            <td class="state">{ ship::drawing(container) }{ ship::word_for(container, texts) }</td>
            <td>{ ship_actions(container, acting, texts, &props.on_act) }</td>
            <td class="mono">{ &container.image }</td>
            <td class="mono">{ &container.command }</td>
            <td class="mono">{ container.address.as_deref().unwrap_or("–") }</td>
            <td class="mono">{ &container.id }</td>
        </tr>
    }
}
