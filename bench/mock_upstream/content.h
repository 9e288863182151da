#pragma once

#include <string>
#include <string_view>

#include "bench/mock_upstream/call.h"

namespace penstock::bench {

constexpr std::string_view kToolArguments = R"({"city":"Paris","unit":"celsius"})";
constexpr size_t kFragmentBytes = 9;  // of kToolArguments in one event
constexpr std::string_view kThought = "Let me think about it.";
constexpr std::string_view kSignature = "bW9jayBzaWduYXR1cmU=";

// How many words spell kToolArguments, for the trait `json`.
constexpr int64_t kJsonWords = (kToolArguments.size() + kFragmentBytes - 1) / kFragmentBytes;

// What one choice says: all of it, and the part that one event of a stream carries.
std::string text_of(const Call& call);
std::string word_of(const Call& call, int64_t index);

// The part of the reasoning that one event carries.
std::string thought_of(const Call& call, int64_t index);

// How many tools are called.
int64_t tool_calls_of(const Call& call);

}  // namespace penstock::bench
