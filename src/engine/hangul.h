#pragma once

#include <string>
#include <string_view>

namespace penstock::engine {

// `text` with every Hangul syllable (U+AC00 to U+D7A3) as its two or three letters, as Unicode's NFD has it
// (Unicode 16, §3.12.2); the rest unchanged. BERT's normaliser decomposes text where it strips accents, and
// vocabularies were made from such text; libllama's tokeniser decomposes accented letters but not Hangul, so
// that without this every Korean word is unknown. Not for vocabularies that keep accents
// (tokenizer.ggml.normalizer.strip_accents is false): they have whole syllables.
std::string decompose_hangul(std::string_view text);

}  // namespace penstock::engine
