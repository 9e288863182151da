#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "api/native/native_fixture.h"
#include "api/native/route_table.h"
#include "core/random.h"
#include "observability/record_samples.h"

// Random calls of every kind of caller against every route, judged by the route table.
namespace penstock::api::native {
namespace {

constexpr int kCalls = 100'000;
constexpr uint64_t kSeed = 20'261'124;

struct Caller {
  std::string what;
  Headers headers;
  access::Role role = access::Role::kNone;  // kNone: is refused as unknown
};

class IsolationTest : public NativeFixture {
 protected:
  void SetUp() override {
    NativeFixture::SetUp();
    add_key("client", {.name = "client"}, access::Role::kClient);
    add_key("other client", {.name = "other"}, access::Role::kClient);
    std::string revoked = add_key("revoked key", {.name = "revoked"}, access::Role::kNone);
    ASSERT_TRUE(run_task(keys_->revoke(revoked, {})));
    for (access::Role role : {access::Role::kOwner, access::Role::kAdmin, access::Role::kDeveloper,
                              access::Role::kAnnotator, access::Role::kViewer}) {
      add_user(std::string(access::role_name(role)), role);
    }
    std::string gone = add_user("disabled", access::Role::kAdmin);
    callers_.back().role = access::Role::kNone;
    ASSERT_TRUE(run_task(accounts_->update_user(gone, {.disabled = true}, access::Role::kOwner, {})));
    callers_.push_back({.what = "nobody"});
    callers_.push_back({.what = "guesser", .headers = {{"authorization", "Bearer ' OR ''='"}}});
    add_record("client");
    add_record("other");
  }

  std::string add_key(std::string what, access::Key key, access::Role role) {
    access::IssuedKey made = run_task(keys_->create(std::move(key), {})).value();
    callers_.push_back({std::move(what), {{"authorization", "Bearer " + made.secret}}, role});
    return made.key.id;
  }

  std::string add_user(const std::string& name, access::Role role) {
    access::NewUser user{.email = name + "@example.com", .role = role};
    std::string id = run_task(accounts_->create_user(std::move(user), access::Role::kOwner, {})).value().id;
    access::IssuedToken token = run_task(accounts_->create_token(id, "test", std::nullopt, {})).value();
    callers_.push_back({name, {{"authorization", "Bearer " + token.secret}}, role});
    return id;
  }

  // A request of this key, whose text names it.
  void add_record(const std::string& key_name) {
    observability::RequestRecord record = next_record();
    auto now = directory_->snapshot();
    record.key = key_name;
    record.key_id = std::ranges::find(now->data().keys, key_name, &access::Key::name)->id;
    record.input = R"({"secret of":")" + key_name + R"("})";
    records_.push_back(write(record).id.text());
  }

  http::AnswerRecorder ask(const Caller& caller, std::string_view method, const std::string& target,
                           std::string body) {
    Request request;
    request.method = method;
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
    request.headers = caller.headers;
    request.body = std::move(body);
    request.body.reserve(request.body.size() + 64);
    http::AnswerRecorder answer;
    // As the guard of the server does it.
    if (!is_open(request.method, request.path)) {
      auto known = directory_->authenticate(request.headers);
      if (!known) {
        answer.head.status = 401;
        return answer;
      }
      request.principal = *known;
    }
    run_task(router_.handle(request, answer));
    return answer;
  }

  std::vector<Caller> callers_;
  std::vector<std::string> records_;
};

template <class List>
const auto& pick(Random& random, const List& list) {
  return list[random.next_u64() % std::size(list)];
}

std::string value_for_parameter(Random& random, const std::vector<std::string>& records) {
  constexpr std::array<std::string_view, 6> kValues = {"none",   "default",     "..",
                                                       "%2e%2e", "' OR 1=1 --", "config:x"};
  if (random.next_u64() % 3 == 0) return pick(random, records);
  return std::string(pick(random, kValues));
}

std::string target_of(Random& random, const Route& route, const std::vector<std::string>& records) {
  std::string target;
  for (std::string_view path = route.path.substr(1); !path.empty();) {
    std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), segment.size() + 1));
    target += "/";
    target += segment.starts_with('{') ? value_for_parameter(random, records) : std::string(segment);
  }
  if (!route.query.empty() && random.next_u64() % 2 == 0) {
    const Parameter& parameter = pick(random, route.query);
    target.append("?").append(parameter.name).append("=").append(std::to_string(random.next_u64() % 300));
  }
  return target;
}

TEST_F(IsolationTest, NobodyGetsWhatHisRoleMayNot) {
  constexpr std::array<std::string_view, 5> kBodies = {"", "{}", "[]", R"({"name":""})",
                                                       R"({"role":"owner"})"};
  SeededRandom random(kSeed);
  size_t allowed = 0;
  for (int i = 0; i < kCalls; ++i) {
    const Route& route = pick(random, routes());
    if (route.stream != nullptr) continue;
    const Caller& caller = pick(random, callers_);
    std::string target = target_of(random, route, records_);
    http::AnswerRecorder answer =
        ask(caller, method_name(route.method), target, std::string(pick(random, kBodies)));
    std::string what = "seed " + std::to_string(kSeed) + " call " + std::to_string(i) + ": " + caller.what +
                       " " + std::string(method_name(route.method)) + " " + target + " -> " + answer.body;
    bool open = route.needs == access::Capability::kOpen;
    if (!open && caller.role == access::Role::kNone) {
      ASSERT_EQ(answer.head.status, 401) << what;
    } else if (!access::may(caller.role, route.needs)) {
      ASSERT_EQ(answer.head.status, 403) << what;
    } else {
      ++allowed;
      ASSERT_NE(answer.head.status, 500) << what;
    }
    if (caller.what == "client") ASSERT_FALSE(answer.body.contains("secret of\\\":\\\"other")) << what;
    if (caller.what == "client") ASSERT_FALSE(answer.body.contains(R"("key":"other")")) << what;
    if (caller.what == "other client") ASSERT_FALSE(answer.body.contains(R"("key":"client")")) << what;
  }
  EXPECT_GT(allowed, kCalls / 10U);
}

TEST_F(IsolationTest, AClientSeesItsOwnRequestsAndNoOthers) {
  const Caller& client = callers_[0];
  EXPECT_EQ(ask(client, "GET", "/api/v1/requests/" + records_[0], "").head.status, 200);
  EXPECT_EQ(ask(client, "GET", "/api/v1/requests/" + records_[1], "").head.status, 404);
  http::AnswerRecorder page = ask(client, "GET", "/api/v1/requests", "");
  EXPECT_TRUE(page.body.contains(records_[0]));
  EXPECT_FALSE(page.body.contains(records_[1]));
  EXPECT_TRUE(ask(callers_[3], "GET", "/api/v1/requests", "").body.contains(records_[1]))
      << "an owner sees all";
}

}  // namespace
}  // namespace penstock::api::native
