#pragma once

#include <string>

#include "core/random.h"
#include "observability/request_record.h"

// Records for tests, here and in what builds upon this folder.
namespace penstock::observability {

// Every member set, to a value that no other member has.
inline RequestRecord full_record() {
  RequestRecord r;
  r.id = *Uuid::parse("0190163d-8694-739b-aea5-966c26f8ad91");
  r.started_at = {1'700'000'000'000'000};
  r.first_token_at = Timestamp{1'700'000'000'250'000};
  r.ended_at = {1'700'000'001'500'000};
  r.endpoint = "chat.completions";
  r.key = "search";
  r.key_id = "k1";
  r.group = "acme/search";
  r.model = "gpt-4o-mini";
  r.route = "gpt-*";
  r.target = "canary";
  r.upstream = "openai";
  r.upstream_model = "gpt-4o-mini-2024-07-18";
  r.upstream_request_id = "req_8c1f";
  r.model_version = ModelVersionRef{"smollm2-135m-instruct", "3", "sha256:5f1d"};
  r.stream = true;
  r.status = 200;
  r.finish_reason = "stop";
  r.error_code = "upstream";
  r.error_message = "the upstream closed the connection after 12 events";
  r.tokens = {120, 80, 7, 11, 42, 9, 3, 5, TokenSource::kProvider};
  r.cost = Money{1'234'500};
  r.price_version = "7";
  r.cache = CacheOutcome::kSemantic;
  r.saved = Money{99'000};
  r.attempts = {{.target = "stable",
                 .upstream = "openai",
                 .status = 503,
                 .error = "upstream_status",
                 .duration_ms = 17},
                {.target = "canary", .upstream = "claude", .status = 200, .error = "", .duration_ms = 240}};
  r.feature = "support-bot";
  r.user = "user-17";
  r.metadata = {{"team", "billing"}, {"experiment", "b"}};
  r.client_disconnected = true;
  r.input = R"({"model":"gpt-4o-mini","messages":[{"role":"user","content":"Grüße, \"Welt\""}]})";
  r.input_truncated = true;
  r.output = R"([{"index":0,"message":{"role":"assistant","content":"Hello\nthere 😀"}}])";
  r.output_truncated = true;
  return r;
}

// Bytes of which most are text, some UTF-8 beyond ASCII, and some neither.
inline std::string random_text(Random& random, size_t bytes_max) {
  std::string out;
  size_t length = random.next_u64() % (bytes_max + 1);
  while (out.size() < length) {
    uint64_t draw = random.next_u64();
    switch (draw % 8) {
      case 0:
        out += static_cast<char>(draw >> 8 & 0xFF);
        break;
      case 1:
        out += "é日😀";
        break;
      case 2:
        out += "\"\\\n\x01";
        break;
      default:
        out += static_cast<char>('a' + (draw >> 8) % 26);
    }
  }
  return out;
}

inline RequestRecord random_record(Random& random) {
  auto chance = [&](uint64_t one_in) { return random.next_u64() % one_in == 0; };
  auto number = [&] { return static_cast<int64_t>(random.next_u64() >> (1 + random.next_u64() % 63)); };
  RequestRecord r;
  for (uint8_t& byte : r.id.bytes) byte = static_cast<uint8_t>(random.next_u64());
  r.started_at = {number()};
  if (chance(2)) r.first_token_at = Timestamp{number()};
  r.ended_at = {number()};
  for (auto text :
       {&RequestRecord::endpoint, &RequestRecord::model, &RequestRecord::route, &RequestRecord::upstream,
        &RequestRecord::upstream_model, &RequestRecord::finish_reason, &RequestRecord::upstream_request_id,
        &RequestRecord::error_code, &RequestRecord::error_message, &RequestRecord::feature,
        &RequestRecord::user, &RequestRecord::key, &RequestRecord::key_id, &RequestRecord::group,
        &RequestRecord::target, &RequestRecord::price_version}) {
    if (chance(2)) r.*text = random_text(random, 40);
  }
  if (chance(2)) r.model_version = ModelVersionRef{random_text(random, 20), "1", random_text(random, 70)};
  for (auto flag : {&RequestRecord::stream, &RequestRecord::client_disconnected,
                    &RequestRecord::input_truncated, &RequestRecord::output_truncated}) {
    r.*flag = chance(2);
  }
  r.status = static_cast<int>(random.next_u64() % 600);
  for (const TokenKind& kind : token_kinds()) {
    if (chance(2)) r.tokens.*kind.count = number();
  }
  r.tokens.source = static_cast<TokenSource>(random.next_u64() % 3);
  if (chance(2)) r.cost = Money{number()};
  if (chance(2)) r.saved = Money{number()};
  r.cache = static_cast<CacheOutcome>(random.next_u64() % 4);
  while (chance(2)) {
    r.attempts.push_back({.target = random_text(random, 9),
                          .upstream = random_text(random, 9),
                          .status = 503,
                          .error = random_text(random, 20),
                          .duration_ms = number()});
  }
  while (chance(2)) r.metadata.emplace_back(random_text(random, 10), random_text(random, 60));
  if (chance(2)) r.input = random_text(random, 5'000);
  if (chance(2)) r.output = random_text(random, 5'000);
  return r;
}

}  // namespace penstock::observability
