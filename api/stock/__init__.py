"""The stock book over HTTP; `use` is what artifacts take from it."""
