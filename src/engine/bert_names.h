#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace penstock::engine {

// What BERT's parts are called in Hugging Face's files and in GGUF (llama.cpp: conversion/bert.py, gguf-py
// constants).

// The GGUF name of a tensor; empty for parts that embedders do not use, nullopt for what is no part of BERT.
std::optional<std::string> bert_tensor_name(std::string_view name);

// Tables of positions and token types stay F32.
bool is_position_table(std::string_view gguf_name);

// GGUF's WordPiece vocabulary marks where words begin ("\u2581word"), BERT's where they go on ("##piece").
std::string bert_piece(std::string_view token);

bool is_bert_control_token(std::string_view token);

inline constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kBertSpecialTokens = {{
    {"[CLS]", "tokenizer.ggml.bos_token_id"},
    {"[SEP]", "tokenizer.ggml.seperator_token_id"},  // sic
    {"[PAD]", "tokenizer.ggml.padding_token_id"},
    {"[UNK]", "tokenizer.ggml.unknown_token_id"},
    {"[MASK]", "tokenizer.ggml.mask_token_id"},
}};

}  // namespace penstock::engine
