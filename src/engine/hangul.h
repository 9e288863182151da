#pragma once

#include <string>
#include <string_view>

namespace penstock::engine {

// `text` with every Hangul syllable (U+AC00 to U+D7A3) as its two or three letters, as Unicode's NFD has it
// (Unicode 16, §3.12.2); the rest unchanged. libllama's tokeniser for BERT decomposes accents but not Hangul,
// while the vocabularies were made from decomposed text: without this every Korean word is unknown.
std::string decompose_hangul(std::string_view text);

}  // namespace penstock::engine
