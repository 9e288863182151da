#include "gateway/gateway.h"

#include <gtest/gtest.h>

#include <deque>

#include "core/run_task.h"
#include "core/temporary_directory.h"
#include "gateway/lease_store.h"
#include "http/answer_recorder.h"
#include "http/error_shape.h"

namespace penstock::gateway {
namespace {

// An upstream that says what the test wrote down.
struct Script {
  Result<int> status = 200;  // or why it cannot be called
  Headers headers{{"content-type", "application/json"}};
  std::deque<Result<std::string>> pieces;  // an error stands for a cut
};

class ScriptedAnswer : public HttpAnswer {
 public:
  explicit ScriptedAnswer(Script script)
      : script_(std::move(script)), head_{*script_.status, script_.headers} {}
  const ResponseHead& head() const override { return head_; }
  Task<Result<std::string_view>> read() override {
    if (script_.pieces.empty()) co_return std::string_view{};
    Result<std::string> piece = std::move(script_.pieces.front());
    script_.pieces.pop_front();
    if (!piece) co_return Failure(piece.error());
    current_ = std::move(*piece);
    co_return std::string_view(current_);
  }

 private:
  Script script_;
  ResponseHead head_;
  std::string current_;
};

class ScriptedClient : public HttpClient {
 public:
  Script script;
  int calls = 0;
  int refuses = 0;  // so many calls, before the script
  std::string body;
  std::string target;
  Headers headers;

  Task<Result<std::unique_ptr<HttpAnswer>>> send(const Endpoint&, HttpCall call) override {
    ++calls;
    body = call.body;
    target = call.target;
    headers = call.headers;
    if (refuses-- > 0) co_return Failure(Error::unavailable("cannot connect"));
    if (!script.status) co_return Failure(script.status.error());
    co_return std::make_unique<ScriptedAnswer>(script);
  }
};

std::string event_of(const Error& error) { return "data: " + http::openai_error_json(error) + "\n\n"; }

std::string chunk(std::string_view delta, std::string_view rest = "") {
  return "data: {\"choices\":[{\"index\":0,\"delta\":{" + std::string(delta) + "}" + std::string(rest) +
         "}]}\n\n";
}

const std::string kUsageChunk =
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2}}\n\n";
const std::string kLastChunk = chunk("", ",\"finish_reason\":\"stop\"");

class GatewayTest : public testing::Test {
 protected:
  GatewayTest() {
    journal_ = std::move(*journal::Journal::open({.directory = directory_.path() / "requests"}));
    log_.emplace(*journal_);
    GatewayConfig config;
    config.providers["mock"] = {.name = "mock",
                                .type = providers::find_provider_type("openai"),
                                .endpoint = *Endpoint::parse("http://h:1/v1"),
                                .keys = {{"k1"}, {"k2"}}};
    RouteConfig fast{.name = "fast"};
    fast.targets = {{.id = "mini", .provider = "mock", .model = "gpt-x-mini"}};
    RouteConfig any{.name = "gpt-*"};
    any.targets = {{.id = "mock", .provider = "mock", .model = ""}};
    fast.retry.attempts = any.retry.attempts = 1;
    config.routes = {fast, any};
    database_ =
        database::Database::open_sqlite({.path = directory_.path() / "rows.db"}, spend_migrations()).value();
    budgets_.emplace(*database_, clock_, LedgerOptions{.node = "n"});
    admission_.emplace(*budgets_, clock_);
    admission_->update(std::make_shared<access::Snapshot>(access::AccessData{}, access::Anonymous::kOwner));
    spend_journal_ = std::move(*journal::Journal::open({.directory = directory_.path() / "spend"}));
    spend_.emplace(*spend_journal_, clock_);
    prices_.emplace(*database_, clock_);
    PriceConfig prices;
    prices.models["gpt-x-mini"].rates = {.input = 150'000'000, .output = 600'000'000};
    EXPECT_TRUE(prices_->configure(prices));
    std::vector<EngineUpstream> engines = {{.model = "small",
                                            .kind = registry::ModelKind::kChat,
                                            .endpoint = *Endpoint::parse("unix:/engine.sock"),
                                            .version = {"small", "1", "sha256:00"}}};
    GatewayServices services{.client = client_,
                             .log = *log_,
                             .admission = *admission_,
                             .spend = *spend_,
                             .prices = *prices_,
                             .clock = clock_,
                             .random = random_};
    gateway_ = std::move(*Gateway::create(config, engines, services));
    client_.script.headers = {
        {"content-type", "application/json"}, {"x-request-id", "up-1"}, {"server", "mock"}};
  }

  void streams(std::vector<std::string> pieces) {
    client_.script.headers.set("content-type", "text/event-stream; charset=utf-8");
    for (std::string& piece : pieces) client_.script.pieces.emplace_back(std::move(piece));
  }

  void relay(std::string body) {
    body_ = std::move(body);
    Call call;
    call.endpoint = "chat.completions";
    call.body = body_;
    call.fields = *JsonFields::parse(body_, "body");
    call.model = call.fields.string("model")->value();
    call.stream = call.fields.boolean("stream")->value_or(false);
    call.usage_asked = call.fields.has("stream_options");
    call.errors = {.answer = http::openai_error, .event = event_of};
    run_task(gateway_->relay(call, out_));
  }

  observability::RequestRecord record() {
    auto page = log_->list({});
    EXPECT_EQ(page->requests.size(), 1u);
    return *log_->get(page->requests.at(0).id);
  }

  TemporaryDirectory directory_;
  std::unique_ptr<journal::Journal> journal_;
  std::optional<observability::RequestLog> log_;
  ManualClock clock_;
  std::unique_ptr<database::Database> database_;
  std::optional<BudgetLedger> budgets_;
  std::optional<Admission> admission_;
  std::unique_ptr<journal::Journal> spend_journal_;
  std::optional<SpendJournal> spend_;
  std::optional<PriceBook> prices_;
  SeededRandom random_{7};
  ScriptedClient client_;
  std::unique_ptr<Gateway> gateway_;
  http::AnswerRecorder out_;
  std::string body_;
};

TEST_F(GatewayTest, AWholeAnswerPassesUnchangedAndIsRecordedWithItsCost) {
  std::string answer =
      R"({"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],)"
      R"("usage":{"prompt_tokens":1000000,"completion_tokens":1000}})";
  client_.script.pieces = {answer.substr(0, 20), answer.substr(20)};
  relay(R"({"messages":[], "model" : "fast", "x_unknown":[1, 2]})");
  EXPECT_EQ(out_.body, answer);
  EXPECT_EQ(client_.body, R"({"messages":[], "model" : "gpt-x-mini", "x_unknown":[1, 2]})");
  EXPECT_EQ(client_.target, "/chat/completions");
  EXPECT_EQ(client_.headers.get("authorization"), "Bearer k1");
  EXPECT_FALSE(out_.head.headers.has("server"));
  auto kept = record();
  EXPECT_EQ(out_.head.headers.get("x-request-id"), kept.id.text());
  EXPECT_EQ(kept.upstream_request_id, "up-1");
  EXPECT_EQ(kept.tokens.input, 1'000'000);
  EXPECT_EQ(kept.cost->nano_usd, 150'000'000 + 600'000);
  EXPECT_EQ(kept.output, R"({"role":"assistant","content":"hi"})");
  EXPECT_EQ(kept.route, "fast");
}

TEST_F(GatewayTest, AWildcardRouteSendsTheNameAsAsked) {
  client_.script.pieces = {R"({"choices":[]})"};
  relay(R"({"model":"gpt-9","messages":[]})");
  EXPECT_EQ(client_.body, R"({"model":"gpt-9","messages":[]})");
  EXPECT_FALSE(record().cost) << "a model without a price must not look free";
}

TEST_F(GatewayTest, AnUnknownModelIs404AndRecorded) {
  relay(R"({"model":"nope","messages":[]})");
  EXPECT_EQ(out_.head.status, 404);
  EXPECT_EQ(client_.calls, 0);
  EXPECT_EQ(record().error_code, "model_not_found");
}

TEST_F(GatewayTest, UsageIsAskedOfAStreamAndKeptFromAClientThatDidNotAsk) {
  streams({chunk("\"content\":\"He\"") + chunk("\"content\":\"y\""), kLastChunk + kUsageChunk,
           "data: [DONE]\n\n"});
  relay(R"({"model":"fast","stream":true,"messages":[]})");
  EXPECT_EQ(client_.body,
            R"({"model":"gpt-x-mini","stream":true,"messages":[],"stream_options":{"include_usage":true}})");
  EXPECT_EQ(out_.body,
            chunk("\"content\":\"He\"") + chunk("\"content\":\"y\"") + kLastChunk + "data: [DONE]\n\n");
  EXPECT_TRUE(out_.finished);
  auto kept = record();
  EXPECT_EQ(kept.tokens.output, 2);
  EXPECT_EQ(kept.tokens.source, TokenSource::kProvider);
  EXPECT_TRUE(kept.first_token_at);
  EXPECT_EQ(kept.output, R"({"role":"assistant","content":"Hey"})");
}

TEST_F(GatewayTest, AClientThatAskedForUsageGetsIt) {
  streams({kLastChunk + kUsageChunk + "data: [DONE]\n\n"});
  relay(R"({"model":"fast","stream":true,"stream_options":{"include_usage":true},"messages":[]})");
  EXPECT_TRUE(out_.body.contains(kUsageChunk));
}

TEST_F(GatewayTest, AStreamThatIsCutNeverEndsCleanly) {
  streams({chunk("\"content\":\"He\"")});
  client_.script.pieces.emplace_back(
      Failure(Error{.code = ErrorCode::kUpstream, .message = "connection reset"}));
  relay(R"({"model":"fast","stream":true,"messages":[]})");
  EXPECT_TRUE(out_.aborted);
  EXPECT_FALSE(out_.finished);
  EXPECT_TRUE(out_.body.contains("\"error\"")) << out_.body;
  EXPECT_FALSE(out_.body.contains("[DONE]"));
  auto kept = record();
  EXPECT_EQ(kept.error_message, "connection reset");
  EXPECT_EQ(kept.tokens.source, TokenSource::kCounted);
}

TEST_F(GatewayTest, AStreamThatEndsBeforeItsFinishReasonIsAnError) {
  streams({chunk("\"content\":\"He\"")});
  relay(R"({"model":"fast","stream":true,"messages":[]})");
  EXPECT_TRUE(out_.aborted);
  EXPECT_EQ(record().error_code, "upstream_stream_cut");
}

TEST_F(GatewayTest, AnEmptyStreamIsAWholeError) {
  streams({});
  relay(R"({"model":"fast","stream":true,"messages":[]})");
  EXPECT_FALSE(out_.streamed);
  EXPECT_EQ(out_.head.status, 502);
}

TEST_F(GatewayTest, AnErrorEventOfTheUpstreamIsPassedOnAndEndsTheStream) {
  std::string error = "data: {\"error\":{\"message\":\"overloaded\"}}\n\n";
  streams({chunk("\"content\":\"He\""), error, kLastChunk});
  relay(R"({"model":"fast","stream":true,"messages":[]})");
  EXPECT_EQ(out_.body, chunk("\"content\":\"He\"") + error);
  EXPECT_TRUE(out_.aborted);
  EXPECT_EQ(record().error_message, "overloaded");
}

TEST_F(GatewayTest, AnErrorBeforeTheFirstContentIsAWholeError) {
  streams({chunk("\"role\":\"assistant\",\"content\":\"\""),
           "data: {\"error\":{\"message\":\"overloaded\"}}\n\n"});
  relay(R"({"model":"fast","stream":true,"messages":[]})");
  EXPECT_FALSE(out_.streamed);
  EXPECT_EQ(out_.head.status, 502);
}

TEST_F(GatewayTest, AMalformedEventEndsTheStreamWithAnErrorHoweverTheBytesWereCut) {
  streams({chunk("\"content\":\"He\"") + "data: {oops\n\n"});
  relay(R"({"model":"fast","stream":true,"messages":[]})");
  EXPECT_TRUE(out_.body.starts_with(chunk("\"content\":\"He\"") + "data: {\"error\"")) << out_.body;
  EXPECT_TRUE(out_.aborted);
  EXPECT_EQ(record().error_code, "upstream");
}

TEST_F(GatewayTest, AnAnswerIsReadOnForItsUsageAfterItsClientHasGone) {
  streams({chunk("\"content\":\"a\""), chunk("\"content\":\"b\""),
           kLastChunk + kUsageChunk + "data: [DONE]\n\n"});
  out_.leaves_after_writes = 1;
  relay(R"({"model":"fast","stream":true,"messages":[]})");
  auto kept = record();
  EXPECT_TRUE(kept.client_disconnected);
  EXPECT_EQ(kept.tokens.source, TokenSource::kProvider);
  EXPECT_EQ(kept.tokens.output, 2);
}

TEST_F(GatewayTest, AnErrorBehindA200IsA502) {
  client_.script.pieces = {R"({"error":{"message":"out of quota"}})"};
  relay(R"({"model":"fast","messages":[]})");
  EXPECT_EQ(out_.head.status, 502);
  client_.script.pieces = {"<html>"};
}

TEST_F(GatewayTest, AnUpstreamsRefusalPassesButNeverItsOpinionOfOurKey) {
  client_.script.status = 429;
  client_.script.headers.set("retry-after", "7");
  client_.script.pieces = {R"({"error":{"message":"slow down","type":"rate_limit_error"}})"};
  relay(R"({"model":"fast","messages":[]})");
  EXPECT_EQ(out_.head.status, 429);
  EXPECT_EQ(out_.head.headers.get("retry-after"), "7");

  client_.script.status = 401;
  client_.script.pieces = {R"({"error":{"message":"Incorrect API key provided: k1"}})"};
  relay(R"({"model":"fast","messages":[]})");
  EXPECT_EQ(out_.head.status, 502);
  EXPECT_FALSE(out_.body.contains("k1"));
}

TEST_F(GatewayTest, AnEngineThatIsBeingStartedAgainIsWaitedFor) {
  client_.refuses = 2;
  client_.script.pieces = {R"({"choices":[]})"};
  relay(R"({"model":"small","messages":[]})");
  EXPECT_EQ(out_.head.status, 200);
  EXPECT_EQ(client_.calls, 3);
  EXPECT_EQ(record().model_version->digest, "sha256:00");
}

TEST_F(GatewayTest, KeysOfAProviderAreUsedInTurn) {
  client_.script.pieces = {R"({"choices":[]})"};
  relay(R"({"model":"fast","messages":[]})");
  client_.script.pieces = {R"({"choices":[]})"};
  relay(R"({"model":"fast","messages":[]})");
  EXPECT_EQ(client_.headers.get("authorization"), "Bearer k2");
}

TEST_F(GatewayTest, AnUnreachableUpstreamIsRecordedWithWhatIsKnown) {
  client_.script.status = Failure(Error::unavailable("cannot connect to h:1"));
  relay(R"({"model":"fast","stream":true,"messages":[],"messages":[]})");
  EXPECT_EQ(out_.head.status, 503);
  auto kept = record();
  EXPECT_EQ(kept.upstream, "mock");
  EXPECT_EQ(kept.status, 503);
  EXPECT_EQ(kept.tokens.source, TokenSource::kNone);
}

TEST(RecordingState, CallsAreRefusedWhileRecordsCannotBeWrittenButForAProbe) {
  RecordingState state;
  EXPECT_TRUE(state.admit(0));
  state.failed(Error{.code = ErrorCode::kStorageFull, .message = "no space"}, 10);
  EXPECT_EQ(state.admit(20).error().code, ErrorCode::kStorageFull);
  EXPECT_TRUE(state.admit(10 + RecordingState::kProbeIntervalUs));
  EXPECT_FALSE(state.admit(11 + RecordingState::kProbeIntervalUs));
  state.succeeded();
  EXPECT_TRUE(state.admit(12 + RecordingState::kProbeIntervalUs));
}

}  // namespace
}  // namespace penstock::gateway
