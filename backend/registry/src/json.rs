//! JSON as Go writes and reads it: there, `null` is how whatever is empty is written, and it is read as what is empty, everywhere.
//!
//! Every document that comes from outside is read by this: none of its readers has to think of `null` in a field of its own.
//! What may be missing altogether, `#[serde(default)]` says.

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;
use std::marker::PhantomData;

/// Reads a document.
///
/// # Errors
/// It is no JSON, none of a `T`, or has something behind it.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    let mut text = serde_json::Deserializer::from_slice(bytes);
    let value = T::deserialize(OrEmpty(&mut text))?;
    text.end()?;
    Ok(value)
}

/// Reads what was JSON already.
///
/// # Errors
/// It is none of a `T`.
pub fn from_value<T: DeserializeOwned>(value: Value) -> serde_json::Result<T> {
    T::deserialize(OrEmpty(value))
}

/// Takes the fields away that are `null`, for who looks at what there is.
pub fn strip_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(strip_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_nulls),
        _ => {}
    }
}

/// A list of words, also where it is written as its only one, like Docker's `Cmd` and `Entrypoint`: a `deserialize_with`.
///
/// # Errors
/// It is neither.
pub fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    struct Words;
    impl<'de> Visitor<'de> for Words {
        type Value = Option<Vec<String>>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a word or a list of words")
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_str<E>(self, word: &str) -> Result<Self::Value, E> {
            Ok(Some(vec![word.to_owned()]))
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut words: A) -> Result<Self::Value, A::Error> {
            let mut all = Vec::new();
            while let Some(word) = words.next_element()? {
                all.push(word);
            }
            Ok(Some(all))
        }
    }
    deserializer.deserialize_any(Words)
}

/// Reads what is in it, or what is empty where there is `null`.
struct OrEmpty<D>(D);

/// What is in something that is read so is read so, too.
struct Inside<T>(T);

/// A list or an object without anything in it.
struct Nothing<E>(PhantomData<E>);

/// An object that is read so. `serde` itself would take a list of its fields' values, too.
struct Object<V>(V);

/// Each asks whether there is anything at all, as for an `Option`. If not, the visitor gets what is empty.
macro_rules! or_empty {
    ($($method:ident($($name:ident: $type:ty),*) => $visit:ident($empty:expr) or $read:ident;)*) => {$(
        fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            struct Perhaps<V> { visitor: V, $($name: $type,)* }
            impl<'de, V: Visitor<'de>> Visitor<'de> for Perhaps<V> {
                type Value = V::Value;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.visitor.expecting(f)
                }
                fn visit_none<E: Error>(self) -> Result<V::Value, E> {
                    self.visitor.$visit($empty)
                }
                fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
                    self.visitor.$visit($empty)
                }
                fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
                    deserializer.$method($(self.$name,)* $read(self.visitor))
                }
            }
            self.0.deserialize_option(Perhaps { visitor, $($name,)* })
        }
    )*};
}

/// These know of `null` by themselves.
macro_rules! as_it_is {
    ($($method:ident($($name:ident: $type:ty),*);)*) => {$(
        fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method($($name,)* Inside(visitor))
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for OrEmpty<D> {
    type Error = D::Error;

    or_empty! {
        deserialize_bool() => visit_bool(false) or Inside;
        deserialize_i8() => visit_i8(0) or Inside;
        deserialize_i16() => visit_i16(0) or Inside;
        deserialize_i32() => visit_i32(0) or Inside;
        deserialize_i64() => visit_i64(0) or Inside;
        deserialize_u8() => visit_u8(0) or Inside;
        deserialize_u16() => visit_u16(0) or Inside;
        deserialize_u32() => visit_u32(0) or Inside;
        deserialize_u64() => visit_u64(0) or Inside;
        deserialize_f32() => visit_f32(0.0) or Inside;
        deserialize_f64() => visit_f64(0.0) or Inside;
        deserialize_char() => visit_char('\0') or Inside;
        deserialize_str() => visit_str("") or Inside;
        deserialize_string() => visit_str("") or Inside;
        deserialize_bytes() => visit_bytes(b"") or Inside;
        deserialize_byte_buf() => visit_bytes(b"") or Inside;
        deserialize_seq() => visit_seq(Nothing(PhantomData)) or Inside;
        deserialize_tuple(length: usize) => visit_seq(Nothing(PhantomData)) or Inside;
        deserialize_tuple_struct(name: &'static str, length: usize) => visit_seq(Nothing(PhantomData)) or Inside;
        deserialize_map() => visit_map(Nothing(PhantomData)) or Inside;
        deserialize_struct(name: &'static str, fields: &'static [&'static str]) => visit_map(Nothing(PhantomData)) or Object;
    }

    as_it_is! {
        deserialize_any();
        deserialize_option();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
        deserialize_identifier();
        deserialize_ignored_any();
    }
}

macro_rules! pass_on {
    ($($visit:ident($type:ty);)*) => {$(
        fn $visit<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.0.$visit(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Inside<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    pass_on! {
        visit_bool(bool);
        visit_i64(i64);
        visit_u64(u64);
        visit_f64(f64);
        visit_str(&str);
        visit_borrowed_str(&'de str);
        visit_string(String);
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(OrEmpty(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(OrEmpty(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Inside(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Inside(fields))
    }

    /// A word that stands for one of several; what is in one isn't looked into.
    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(variant)
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Object<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Inside(fields))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Inside<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(OrEmpty(deserializer))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Inside<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Inside(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Inside<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Inside(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, E: Error> SeqAccess<'de> for Nothing<E> {
    type Error = E;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, _: S) -> Result<Option<S::Value>, E> {
        Ok(None)
    }
}

impl<'de, E: Error> MapAccess<'de> for Nothing<E> {
    type Error = E;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, _: S) -> Result<Option<S::Value>, E> {
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, _: S) -> Result<S::Value, E> {
        Err(E::custom("there is no field"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct All {
        text: String,
        number: i64,
        is: bool,
        list: Vec<All>,
        words: Vec<String>,
        map: BTreeMap<String, String>,
        inner: Option<Box<All>>,
        kept: Value,
        #[serde(deserialize_with = "words")]
        command: Option<Vec<String>>,
    }

    #[test]
    fn null_is_what_is_empty() {
        let nothing = All::default();
        let fields = ["text", "number", "is", "list", "words", "map", "inner", "kept", "command", "unknown"];
        for field in fields {
            assert_eq!(from_slice::<All>(format!("{{\"{field}\":null}}").as_bytes()).unwrap(), nothing, "{field}");
        }
        assert_eq!(from_slice::<All>(b"null").unwrap(), nothing);
        assert_eq!(from_slice::<Vec<All>>(b"[null]").unwrap(), [nothing]);
        assert_eq!(from_slice::<Option<Vec<All>>>(b"null").unwrap(), None);
    }

    #[test]
    fn null_is_so_however_deep_it_is() {
        let text = r#"{"list":[null,{"inner":{"text":null,"words":[null,"a"],"map":{"a":null,"b":"c"}}}],
                       "kept":{"a":[null]},"command":[null,"x"]}"#;
        let inner = All {
            words: vec![String::new(), "a".into()],
            map: [("a".into(), String::new()), ("b".into(), "c".into())].into(),
            ..All::default()
        };
        let expected = All {
            list: vec![All::default(), All { inner: Some(Box::new(inner)), ..All::default() }],
            kept: serde_json::json!({"a": [null]}),
            command: Some(vec![String::new(), "x".into()]),
            ..All::default()
        };
        assert_eq!(from_slice::<All>(text.as_bytes()).unwrap(), expected);
        assert_eq!(from_value::<All>(serde_json::from_str(text).unwrap()).unwrap(), expected);
    }

    #[test]
    fn a_single_word_is_a_list() {
        let read = |text: &str| from_slice::<All>(format!("{{\"command\":{text}}}").as_bytes()).map(|all| all.command);
        assert_eq!(read(r#""echo hi""#).unwrap(), Some(vec!["echo hi".into()]));
        assert_eq!(read(r#"["a","b"]"#).unwrap(), Some(vec!["a".into(), "b".into()]));
        assert_eq!(read("[]").unwrap(), Some(vec![]));
        assert!(read("1").is_err() && read("{}").is_err() && read("[1]").is_err());
    }

    #[test]
    fn what_is_wrong_stays_wrong() {
        for text in [
            "",
            "[",
            "{} x",
            r#"{"text":1}"#,
            r#"{"list":[1]}"#,
            "[]",
            r#"{"list":[[]]}"#,
            r#"{"text":"a","text":null}"#,
            &"[".repeat(9999),
        ] {
            assert!(from_slice::<All>(text.as_bytes()).is_err(), "{text:.40}");
        }
        let error = from_slice::<All>(b"{\"list\":[null,{\n\"number\":\"1\"}]}").unwrap_err();
        assert_eq!((error.line(), error.is_data()), (2, true), "{error}");
    }
}
