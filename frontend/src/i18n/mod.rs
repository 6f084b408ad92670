//! The page's words. A word that one language lacks doesn't compile.

mod de;
mod en;
mod instructor;
mod lang;
mod texts;

pub(crate) use lang::Lang;
pub(crate) use texts::Texts;
