//! The page's words. A word that one language lacks doesn't compile.

mod de;
mod en;
mod instructor;
mod lang;
mod runs;
mod texts;

pub(crate) use lang::Lang;
pub(crate) use runs::RunTexts;
pub(crate) use texts::Texts;
