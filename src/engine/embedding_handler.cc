#include "engine/embedding_handler.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "core/await_callback.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "engine/embedder.h"
#include "engine/engine_service.h"
#include "engine/openai_parse.h"
#include "http/error_shape.h"

namespace penstock::engine {
namespace {

static_assert(std::endian::native == std::endian::little, "base64 embeddings are little-endian float32");

struct PreparedEmbedding {
  EmbeddingRequest request;
  std::vector<std::vector<Token>> texts;
  int64_t tokens = 0;
};

Result<PreparedEmbedding> prepare(const EngineService& service, std::string_view body) {
  PreparedEmbedding prepared;
  ASSIGN_OR_RETURN(prepared.request, parse_embedding_request(body));
  RETURN_IF_ERROR(service.check_name(prepared.request.model));
  if (!service.embedder) {
    return Failure(Error::invalid("model", "This model generates text and makes no embeddings."));
  }
  const int32_t dimensions = service.embedder->dimensions();
  if (prepared.request.dimensions.value_or(1) > dimensions) {
    return Failure(
        Error::invalid("dimensions", fmt::format("This model's embeddings have {} dimensions.", dimensions)));
  }
  for (Prompt& input : prepared.request.inputs) {
    if (auto* text = std::get_if<std::string>(&input)) {
      if (text->empty()) return Failure(Error::invalid("input", "The text must not be empty."));
      ASSIGN_OR_RETURN(auto tokens, service.model->tokenize(*text, Framing::kAdded, SpecialTokens::kAsText));
      prepared.texts.push_back(std::move(tokens));
    } else {
      prepared.texts.push_back(std::move(std::get<std::vector<Token>>(input)));
    }
    prepared.tokens += std::ssize(prepared.texts.back());
  }
  return prepared;
}

void shorten(Embedding& embedding, int32_t dimensions) {
  embedding.resize(dimensions);
  double squares = 0;
  for (float value : embedding) squares += static_cast<double>(value) * value;
  if (squares <= 0) return;
  for (float& value : embedding) value = static_cast<float>(value / std::sqrt(squares));
}

std::string render(const EngineService& service, const PreparedEmbedding& prepared,
                   const std::vector<Embedding>& embeddings) {
  JsonWriter json;
  json.begin_object().field("object", "list").key("data").begin_array();
  int index = 0;
  for (const Embedding& embedding : embeddings) {
    json.begin_object().field("object", "embedding").field("index", index++).key("embedding");
    if (prepared.request.format == EmbeddingFormat::kBase64) {
      json.value(base64(std::as_bytes(std::span(embedding))));
    } else {
      json.begin_array();
      for (float value : embedding) json.value(static_cast<double>(value));
      json.end_array();
    }
    json.end_object();
  }
  json.end_array().field("model", service.name).key("usage").begin_object();
  json.field("prompt_tokens", prepared.tokens)
      .field("total_tokens", prepared.tokens)
      .end_object()
      .end_object();
  return json.take();
}

Task<Result<std::vector<Embedding>>> compute(Embedder& embedder, std::vector<std::vector<Token>> texts,
                                             int64_t arrived_us) {
  auto start = [&embedder, texts = std::move(texts), arrived_us](auto done) mutable {
    Result<void> taken = embedder.submit(std::move(texts), arrived_us, done);
    if (!taken) done(Failure(std::move(taken).error()));
  };
  co_return co_await await_callback<Result<std::vector<Embedding>>>(std::move(start));
}

}  // namespace

Task<> embeddings(EngineService& service, Request& request, ResponseStream& out) {
  Response response;
  Result<PreparedEmbedding> prepared = prepare(service, request.body);
  if (prepared) {
    auto computed = co_await compute(*service.embedder, std::move(prepared->texts), request.arrived_us);
    if (computed) {
      const int32_t dimensions = prepared->request.dimensions.value_or(service.embedder->dimensions());
      for (Embedding& embedding : *computed) {
        if (std::ssize(embedding) > dimensions) shorten(embedding, dimensions);
      }
      response = Response::json(200, render(service, *prepared, *computed));
    } else {
      response = http::openai_error(computed.error());
    }
  } else {
    response = http::openai_error(prepared.error());
  }
  co_await out.send(std::move(response));
}

}  // namespace penstock::engine
