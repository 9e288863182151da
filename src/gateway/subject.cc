#include "gateway/subject.h"

namespace penstock::gateway {
namespace {

constexpr int64_t kUsPerSecond = 1'000'000;

// The state of a limit that a former snapshot had, or a new one.
template <class Map, class Key>
auto state_of(Map& states, Key key) {
  auto& known = states[std::move(key)];
  auto state = known.lock();
  if (!state) {
    state = std::make_shared<typename decltype(state)::element_type>();
    known = state;
  }
  return state;
}

template <class Map>
void forget_unused(Map& states) {
  std::erase_if(states, [](const auto& entry) { return entry.second.expired(); });
}

}  // namespace

int64_t units_of(access::LimitKind kind, int64_t input_tokens, int64_t output_tokens) {
  switch (kind) {
    case access::LimitKind::kRequests:
      return 1;
    case access::LimitKind::kTokens:
      return input_tokens + output_tokens;
    case access::LimitKind::kInputTokens:
      return input_tokens;
    case access::LimitKind::kOutputTokens:
      return output_tokens;
    case access::LimitKind::kConcurrent:
      break;
  }
  return 0;
}

void SubjectBuilder::add_limits(Subject& subject, const std::string& holder,
                                const std::vector<access::Limit>& limits) {
  for (const access::Limit& limit : limits) {
    int64_t amount = std::max<int64_t>(1, limit.amount);
    if (limit.kind == access::LimitKind::kConcurrent) {
      subject.gates.push_back({state_of(gates_, std::tuple(holder, limit.kind, int64_t{0})), amount, holder});
    } else {
      int64_t period_s = std::max<int64_t>(1, limit.per_s);
      subject.rates.push_back({state_of(rates_, std::tuple(holder, limit.kind, period_s)), limit.kind, amount,
                               period_s * kUsPerSecond, holder});
    }
  }
}

void SubjectBuilder::add_holder(Subject& subject, const std::string& holder, const access::Scopes& scopes,
                                const std::vector<access::Limit>& limits,
                                const std::optional<access::Budget>& budget) {
  if (!scopes.models.empty() || !scopes.endpoints.empty()) subject.scopes.push_back(&scopes);
  add_limits(subject, holder, limits);
  if (!budget) return;
  subject.budgets.push_back(budgets_.account(holder, *budget));
  shown_.push_back(subject.budgets.back());
}

Subjects SubjectBuilder::build(const std::shared_ptr<const access::Snapshot>& snapshot) {
  Subjects subjects;
  shown_.clear();
  auto add = [&](const std::string& principal_id) {
    const access::Principal* principal = snapshot->find(principal_id);
    if (principal == nullptr) return;
    auto subject = std::make_shared<Subject>();
    subject->principal = principal;
    subject->snapshot = snapshot;
    subject->clock = &clock_;
    if (const access::Key* key = principal->key) {
      add_holder(*subject, "key:" + key->id, key->scopes, key->limits, key->budget);
    }
    for (const access::Group* group : principal->groups) {
      add_holder(*subject, "group:" + group->path, group->scopes, group->limits, group->budget);
    }
    subjects.emplace(principal_id, std::move(subject));
  };
  const access::AccessData& data = snapshot->data();
  add("");
  add("local");
  for (const access::Key& key : data.keys) {
    add((key.source == access::Source::kConfig ? "config:" : "key:") + key.id);
  }
  for (const access::User& user : data.users) add("user:" + user.id);
  for (const access::Token& token : data.tokens) add("token:" + token.id);
  // A budget that nobody calls under is shown all the same.
  for (const access::Group& group : data.groups) {
    if (group.budget) shown_.push_back(budgets_.account("group:" + group.path, *group.budget));
  }
  budgets_.show_only(shown_);
  forget_unused(rates_);
  forget_unused(gates_);
  return subjects;
}

}  // namespace penstock::gateway
