#include "providers/protocol.h"

namespace penstock::providers {

std::string_view operation_name(Operation operation) {
  switch (operation) {
    case Operation::kChat:
      return "chat";
    case Operation::kCompletions:
      return "completions";
    case Operation::kEmbeddings:
      return "embeddings";
    case Operation::kModerations:
      return "moderations";
    case Operation::kRerank:
      return "rerank";
    case Operation::kMessages:
      return "messages";
    case Operation::kCountTokens:
      return "count_tokens";
    case Operation::kResponses:
      return "responses";
  }
  return "";
}

bool is_native(Operation operation, Protocol protocol) {
  switch (operation) {
    case Operation::kMessages:
    case Operation::kCountTokens:
      return protocol == Protocol::kAnthropic;
    case Operation::kResponses:
      return false;
    default:
      return protocol == Protocol::kOpenAi;
  }
}

bool is_supported(Operation operation, Protocol protocol) {
  if (is_native(operation, protocol)) return true;
  return operation == Operation::kChat || operation == Operation::kMessages ||
         operation == Operation::kResponses;
}

bool can_stream(Operation operation) {
  return operation == Operation::kChat || operation == Operation::kCompletions ||
         operation == Operation::kMessages || operation == Operation::kResponses;
}

}  // namespace penstock::providers
