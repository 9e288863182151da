#include "gateway/price_book.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/temporary_directory.h"
#include "gateway/lease_store.h"

namespace penstock::gateway {
namespace {

ModelPrice price(int64_t input) { return {.rates = {.input = input, .output = input}, .tiers = {}}; }

class PriceBookTest : public testing::Test {
 protected:
  PriceBookTest()
      : database_(
            *database::Database::open_sqlite({.path = directory_.path() / "rows.db"}, spend_migrations())) {}

  std::filesystem::path write_file(std::string_view text) {
    std::filesystem::path path = directory_.path() / "prices.yaml";
    std::ofstream(path) << text;
    return path;
  }
  static int64_t input_of(const PriceBook& book, std::string_view model) {
    auto pricing = book.current()->pricing({.provider = "p", .type = "openai", .model = model});
    return pricing && pricing->price != nullptr ? pricing->price->rates.input : -1;
  }

  TemporaryDirectory directory_;
  ManualClock clock_;
  std::unique_ptr<database::Database> database_;
};

constexpr std::string_view kLitellm =
    R"({"a": {"input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06},
        "b": {"input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06, "input_cost_per_image": 0.1}})";

TEST_F(PriceBookTest, WithoutPricesThereIsNoVersion) {
  PriceBook book(*database_, clock_);
  ASSERT_TRUE(book.configure({}));
  EXPECT_EQ(book.current()->version(), "");
  EXPECT_TRUE(book.versions(10)->empty());
}

TEST_F(PriceBookTest, TheConfigurationOverridesItsFileAndThatTheImport) {
  PriceBook book(*database_, clock_);
  auto path = write_file(
      "models:\n  b: { input_usd_per_mtok: 2, output_usd_per_mtok: 2 }\n"
      "  c: { input_usd_per_mtok: 2, output_usd_per_mtok: 2 }\n");
  ASSERT_TRUE(book.configure({.file = path, .models = {{"c", price(3)}}}));
  auto imported = book.import(kLitellm, "model_prices.json", "user:ada");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->models, 2);
  EXPECT_EQ(imported->refused.size(), 1U);
  EXPECT_EQ(input_of(book, "a"), 1'000'000'000);
  EXPECT_EQ(input_of(book, "b"), 2'000'000'000);
  EXPECT_EQ(input_of(book, "c"), 3);
}

TEST_F(PriceBookTest, EveryChangeIsAVersionWithWhoAndWhen) {
  PriceBook book(*database_, clock_);
  ASSERT_TRUE(book.configure({.models = {{"a", price(1)}}}));
  EXPECT_EQ(book.current()->version(), "1");
  ASSERT_TRUE(book.configure({.models = {{"a", price(1)}}}));
  EXPECT_EQ(book.current()->version(), "1") << "nothing changed";
  clock_.advance_us(1'000'000);
  ASSERT_TRUE(book.import(R"({"models": {"b": {"input_usd_per_mtok": 1, "output_usd_per_mtok": 1}}})",
                          "f.json", "user:ada"));
  auto versions = book.versions(10);
  ASSERT_EQ(versions->size(), 2U);
  EXPECT_EQ(versions->at(0).number, 2);
  EXPECT_EQ(versions->at(0).actor, "user:ada");
  EXPECT_EQ(versions->at(0).source, "import of f.json");
  EXPECT_EQ(versions->at(0).at, clock_.now());
  EXPECT_EQ(versions->at(0).models, 2);
  EXPECT_EQ(versions->at(1).actor, "configuration");

  auto changes = book.diff(1, 2);
  ASSERT_EQ(changes->size(), 1U);
  EXPECT_EQ(changes->at(0).model, "b");
  EXPECT_FALSE(changes->at(0).before);
  EXPECT_TRUE(changes->at(0).after);
  EXPECT_EQ(book.diff(1, 9).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(*book.models_of(1), (PriceTable::Models{{"a", price(1)}}));
}

TEST_F(PriceBookTest, AChangedFileIsTakenAndABrokenOneIsToldOnce) {
  PriceBook book(*database_, clock_);
  auto path = write_file("models:\n  a: { input_usd_per_mtok: 1, output_usd_per_mtok: 1 }\n");
  ASSERT_TRUE(book.configure({.file = path}));
  write_file("models:\n  a: { input_usd_per_mtok: 10, output_usd_per_mtok: 10 }\n");
  ASSERT_TRUE(book.refresh());
  EXPECT_EQ(input_of(book, "a"), 10'000'000'000);
  EXPECT_EQ(book.current()->version(), "2");
  write_file("models: [");
  EXPECT_FALSE(book.refresh());
  EXPECT_TRUE(book.refresh());
  EXPECT_EQ(input_of(book, "a"), 10'000'000'000);
}

TEST_F(PriceBookTest, AnotherGatewaysImportIsSeen) {
  PriceBook here(*database_, clock_);
  PriceBook there(*database_, clock_);
  ASSERT_TRUE(here.configure({}) && there.configure({}));
  ASSERT_TRUE(there.import(kLitellm, "m.json", "user:ada"));
  ASSERT_TRUE(here.refresh());
  EXPECT_EQ(input_of(here, "a"), 1'000'000'000);
  EXPECT_EQ(here.current()->version(), there.current()->version());
}

TEST_F(PriceBookTest, ARequestKeepsTheTableThatItBeganWith) {
  PriceBook book(*database_, clock_);
  ASSERT_TRUE(book.configure({.models = {{"a", price(1)}}}));
  auto table = book.current();
  ASSERT_TRUE(book.configure({.models = {{"a", price(2)}}}));
  EXPECT_EQ(table->pricing({.model = "a"})->price->rates.input, 1);
  EXPECT_EQ(table->version(), "1");
}

TEST_F(PriceBookTest, AnErrorLeavesAllAsItWas) {
  PriceBook book(*database_, clock_);
  ASSERT_TRUE(book.configure({.models = {{"a", price(1)}}}));
  EXPECT_FALSE(book.configure({.file = directory_.path() / "absent.yaml"}));
  EXPECT_FALSE(book.import("{}", "empty.json", "user:ada"));
  EXPECT_FALSE(book.import("models: 3", "wrong.yaml", "user:ada"));
  auto refused = [](database::Connection&, const PriceVersion&) -> Result<void> {
    return Failure(Error::unavailable("no audit"));
  };
  EXPECT_FALSE(book.import(kLitellm, "m.json", "user:ada", refused));
  EXPECT_EQ(input_of(book, "a"), 1);
  EXPECT_EQ(book.versions(10)->size(), 1U);
}

TEST(PriceChanges, NameWhatIsNewGoneAndDifferent) {
  auto changes = changes_between({{"a", price(1)}, {"b", price(1)}, {"c", price(1)}},
                                 {{"b", price(2)}, {"c", price(1)}, {"d", price(1)}});
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(changes[0].model, "a");
  EXPECT_FALSE(changes[0].after);
  EXPECT_EQ(changes[1].model, "b");
  EXPECT_EQ(changes[1].after->rates.input, 2);
  EXPECT_EQ(changes[2].model, "d");
  EXPECT_FALSE(changes[2].before);
}

}  // namespace
}  // namespace penstock::gateway
