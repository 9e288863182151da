#include "core/json_writer.h"
#include "core/text.h"
#include "gateway/cache_key.h"
#include "gateway/captured_answer.h"
#include "gateway/exchange.h"

// The part of an exchange that answers from the cache, and keeps answers there.
namespace penstock::gateway {
namespace {

constexpr int64_t kSecondUs = 1'000'000;

// What the client says about caches (RFC 9111 §5.2.1).
bool forbids(const Call& call, std::string_view directive) {
  for (std::string_view part : split(call.header("cache-control"), ',')) {
    if (equals_ignoring_case(trim(part), directive)) return true;
  }
  return false;
}

std::vector<float> first_embedding(std::string_view body) {
  std::vector<float> vector;
  auto answer = JsonFields::parse(body, "the embedding");
  auto data = answer ? json_elements(answer->raw("data")) : Result<std::vector<std::string_view>>{};
  auto first = data && !data->empty() ? JsonFields::of_valid(data->front()) : Result<JsonFields>{};
  auto numbers = first ? json_elements(first->raw("embedding")) : Result<std::vector<std::string_view>>{};
  if (!numbers) return vector;
  for (std::string_view number : *numbers) {
    vector.push_back(static_cast<float>(parse_number(number).value_or(0)));
  }
  return vector;
}

}  // namespace

// Who shares answers with this caller. Never more than one tenant: a key of no group is a group of its own.
std::string Exchange::cache_scope() const {
  bool by_group = route_->config.cache.scope == CacheScope::kGroup && !record_.group.empty();
  return by_group ? "group:" + record_.group : "principal:" + call_.principal;
}

// True: it has been answered.
Task<Result<bool>> Exchange::answer_from_cache() {
  const CachePolicy& policy = route_->config.cache;
  if (policy.exact_ttl_s == 0 && policy.semantic_ttl_s == 0) co_return false;
  keeps_answer_ = !forbids(call_, "no-store");
  record_.cache = observability::CacheOutcome::kMiss;
  std::string scope = cache_scope();
  cache_key_ = exact_cache_key(call_, scope, route_->config.name);
  if (policy.semantic_ttl_s > 0) question_ = question_of(call_, scope, route_->config.name);
  if (forbids(call_, "no-cache") || forbids(call_, "no-store")) co_return false;
  AnswerCache& cache = gateway_.cache();
  if (policy.exact_ttl_s > 0) {
    if (auto found = cache.find(cache_key_, context_->clock.monotonic_us())) {
      record_.cache = observability::CacheOutcome::kExact;
      CO_RETURN_IF_ERROR(co_await answer_cached(*found, 1));
      co_return true;
    }
  }
  if (!question_) co_return false;
  embedding_ = co_await embed(question_->text);
  auto similar = embedding_.empty() ? std::nullopt
                                    : cache.find_similar(question_->context, embedding_, policy.threshold,
                                                         context_->clock.monotonic_us());
  if (!similar) co_return false;
  record_.cache = observability::CacheOutcome::kSemantic;
  CO_RETURN_IF_ERROR(co_await answer_cached(*similar->answer, similar->similarity));
  co_return true;
}

// A call of its own through this gateway, so that it is routed, limited, priced and recorded like any other.
Task<std::vector<float>> Exchange::embed(std::string text) {
  JsonWriter json;
  json.begin_object().field("model", route_->config.cache.embed).field("input", text);
  json.field("encoding_format", "float").end_object();
  std::string body = json.take();
  Call call{.endpoint = "embeddings", .operation = providers::Operation::kEmbeddings, .body = body};
  auto fields = JsonFields::of_valid(body);
  if (!fields) co_return std::vector<float>{};
  call.fields = std::move(*fields);
  call.model = route_->config.cache.embed;
  call.feature = "semantic-cache";
  call.principal = call_.principal;
  call.arrived_us = context_->clock.monotonic_us();
  call.errors = call_.errors;
  CapturedAnswer answer(out_.disconnected());
  co_await gateway_.relay(call, answer);
  if (answer.response.head.status != 200) co_return std::vector<float>{};
  co_return first_embedding(answer.response.body);
}

Task<Result<void>> Exchange::answer_cached(const CachedAnswer& cached, double similarity) {
  record_.status = 200;
  record_.finish_reason = cached.finish_reason;
  record_.cost = Money{0};
  record_.saved = cached.cost;
  record_.first_token_at = gateway_.services().clock.now();
  if (setup_->config.record_bodies) record_.output = cached.output;
  CO_RETURN_IF_ERROR(co_await settle());
  Response response;
  reservation_.add_rate_headers(response.head.headers);
  response.head.headers.set("content-type", cached.content_type);
  int64_t age_s = (context_->clock.monotonic_us() - cached.stored_at_us) / kSecondUs;
  response.head.headers.set("age", std::to_string(age_s));
  if (record_.cache == observability::CacheOutcome::kSemantic) {
    response.head.headers.set("x-penstock-cache-similarity", std::to_string(similarity));
  }
  add_own_headers(response.head.headers);
  if (!call_.stream) {
    response.body = cached.body;
    co_await out_.send(std::move(response));
    co_return Result<void>{};
  }
  co_await out_.start(std::move(response.head));
  Result<void> written = co_await out_.write(cached.body);
  if (written) co_await out_.finish();
  co_return Result<void>{};
}

void Exchange::capture(std::string_view events) {
  if (!keeps_answer_) return;
  captured_ += events;
  if (captured_.size() > AnswerCache::kAnswerBytesMax) {
    keeps_answer_ = false;
    captured_ = {};
  }
}

// After the record: what could not be recorded was not given, and is not given again.
void Exchange::keep_answer(std::string body, std::string_view content_type) {
  const CachePolicy& policy = route_->config.cache;
  if (!keeps_answer_ || body.size() > AnswerCache::kAnswerBytesMax) return;
  int64_t now_us = context_->clock.monotonic_us();
  auto answer = std::make_shared<CachedAnswer>(CachedAnswer{.body = std::move(body),
                                                            .content_type = std::string(content_type),
                                                            .finish_reason = record_.finish_reason,
                                                            .output = record_.output,
                                                            .cost = record_.cost,
                                                            .stored_at_us = now_us});
  if (policy.exact_ttl_s > 0) {
    answer->expires_at_us = now_us + policy.exact_ttl_s * kSecondUs;
    gateway_.cache().keep(cache_key_, answer);
  }
  if (question_ && !embedding_.empty()) {
    auto similar = std::make_shared<CachedAnswer>(*answer);
    similar->expires_at_us = now_us + policy.semantic_ttl_s * kSecondUs;
    gateway_.cache().keep_similar(question_->context, std::move(embedding_), std::move(similar));
  }
}

}  // namespace penstock::gateway
