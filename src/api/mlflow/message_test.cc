#include "api/mlflow/message.h"

#include <gtest/gtest.h>

#include <cmath>

namespace penstock::api::mlflow {
namespace {

constexpr std::string_view kStatuses[] = {"RUNNING", "SCHEDULED", "FINISHED"};
constexpr Field kTagFields[] = {{.name = "key", .count = Count::kRequired}, {.name = "value"}};
constexpr Message kTag{"Tag", kTagFields};
constexpr Field kFields[] = {
    {.name = "name", .count = Count::kRequired},
    {.name = "start_time", .type = Type::kInt64},
    {.name = "value", .type = Type::kDouble},
    {.name = "flag", .type = Type::kBool},
    {.name = "status", .type = Type::kEnum, .names = kStatuses},
    {.name = "tags", .type = Type::kMessage, .count = Count::kMany, .message = &kTag},
    {.name = "order_by", .count = Count::kMany},
    {.name = "labels", .type = Type::kStringMap},
};
constexpr Message kMessage{"Sample", kFields};
constexpr std::string_view kSeeDocs = " See the API docs for more information about request parameters.";

std::string why(Result<Json> read) { return read ? "accepted" : read.error().message; }

TEST(Message, ReadsEachTypeAndIgnoresUnknownFields) {
  auto json = read_body(R"({"name":"a","start_time":"17","value":"NaN","flag":true,"status":"FINISHED",
                            "tags":[{"key":"k","value":"v"}],"order_by":["x","y"],"other":{"deep":1}})",
                        kMessage);
  ASSERT_TRUE(json) << json.error().message;
  Fields in(kMessage, json->get_object());
  EXPECT_EQ(in.text("name"), "a");
  EXPECT_EQ(in.integer("start_time"), 17);
  EXPECT_TRUE(std::isnan(in.number("value")));
  EXPECT_TRUE(in.flag("flag"));
  EXPECT_EQ(in.text("status"), "FINISHED");
  ASSERT_EQ(in.messages("tags").size(), 1u);
  EXPECT_EQ(in.messages("tags")[0].text("value"), "v");
  EXPECT_EQ(in.texts("order_by"), (std::vector<std::string_view>{"x", "y"}));
  EXPECT_FALSE(in.has("labels"));
  EXPECT_EQ(in.integer("labels", 5), 5);
}

TEST(Message, TakesNumbersInEachForm) {
  auto json = read_body(R"({"name":"a","start_time":5.0,"value":7,"status":2})", kMessage);
  ASSERT_TRUE(json) << json.error().message;
  Fields in(kMessage, json->get_object());
  EXPECT_EQ(in.integer("start_time"), 5);
  EXPECT_EQ(in.number("value"), 7.0);
  EXPECT_EQ(in.text("status"), "SCHEDULED");
}

TEST(Message, TakesTheNamesOfProtobufsJsonToo) {
  auto json = read_body(R"({"name":"a","startTime":"9"})", kMessage);
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ(Fields(kMessage, json->get_object()).integer("start_time"), 9);
  EXPECT_EQ(why(read_body(R"({"name":"a","startTime":1,"start_time":1})", kMessage)),
            "Request specifies both 'start_time' and 'startTime'; provide only one of them.");
}

TEST(Message, SaysInMlflowsWordsWhatIsMissingOrWrong) {
  std::string missing = "Missing value for required parameter 'name'." + std::string(kSeeDocs);
  EXPECT_EQ(why(read_body("{}", kMessage)), missing);
  EXPECT_EQ(why(read_body("", kMessage)), missing);
  EXPECT_EQ(why(read_body(R"({"name":""})", kMessage)), missing);
  EXPECT_EQ(why(read_body(R"({"name":null})", kMessage)), missing);
  EXPECT_EQ(why(read_body(R"({"name":5})", kMessage)),
            "Invalid value 5 for parameter 'name' supplied:  Hint: Value was of type 'int'." +
                std::string(kSeeDocs));
  EXPECT_EQ(why(read_body(R"({"name":"a","start_time":"x"})", kMessage)),
            "Invalid value \"x\" for parameter 'start_time' supplied:  Hint: Value was of type 'str'." +
                std::string(kSeeDocs));
  EXPECT_EQ(why(read_body(R"({"name":"a","tags":{"a":1}})", kMessage)),
            "Invalid value {\"a\":1} for parameter 'tags' supplied:  Hint: Value was of type 'dict'." +
                std::string(kSeeDocs));
  EXPECT_EQ(why(read_body(R"({"name":"a","tags":[{"value":"v"}]})", kMessage)),
            "Missing value for required parameter 'tags[0].key'." + std::string(kSeeDocs));
  EXPECT_EQ(why(read_body(R"({"name":"a","order_by":["x",3]})", kMessage)),
            "Invalid value 3 for parameter 'order_by[1]' supplied:  Hint: Value was of type 'int'." +
                std::string(kSeeDocs));
  EXPECT_TRUE(why(read_body(R"({"name":"a","status":"LOST"})", kMessage)).contains("RUNNING, SCHEDULED"));
  EXPECT_TRUE(why(read_body(R"({"name":"a","start_time":100000000000000000000000000000})", kMessage))
                  .starts_with("Invalid value 1e+29 for parameter 'start_time'"));
}

TEST(Message, RefusesWhatIsNoObjectInAnOrderlyWay) {
  EXPECT_TRUE(why(read_body("[1]", kMessage)).contains("must be a JSON object, got a value of type 'list'"));
  EXPECT_TRUE(why(read_body("{", kMessage)).contains("not valid JSON"));
  std::string deep = R"({"name":)" + std::string(100, '[') + std::string(100, ']') + "}";
  EXPECT_TRUE(why(read_body(deep, kMessage)).contains("not valid JSON"));
  EXPECT_EQ(why(read_body(R"("{\"name\":\"twice encoded\"}")", kMessage)), "accepted");
}

TEST(Message, ReadsAQueryByItsTypes) {
  auto json = read_query("name=a%20b&start_time=-3&flag=TRUE&order_by=x&order_by=y+z&unknown=1", kMessage);
  ASSERT_TRUE(json) << json.error().message;
  Fields in(kMessage, json->get_object());
  EXPECT_EQ(in.text("name"), "a b");
  EXPECT_EQ(in.integer("start_time"), -3);
  EXPECT_TRUE(in.flag("flag"));
  EXPECT_EQ(in.texts("order_by"), (std::vector<std::string_view>{"x", "y z"}));
  EXPECT_EQ(why(read_query("name=a&flag=maybe", kMessage)),
            "Invalid boolean value: maybe, must be 'true' or 'false'.");
}

TEST(Message, AnOlderNameMayStandForAField) {
  static constexpr Field kOlder[] = {{.name = "run_id", .count = Count::kRequired, .instead = "run_uuid"}};
  static constexpr Message kWithOlder{"Older", kOlder};
  auto json = read_body(R"({"run_uuid":"r1"})", kWithOlder);
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ(Fields(kWithOlder, json->get_object()).text("run_id"), "r1");
  EXPECT_TRUE(why(read_query("run_uuid=", kWithOlder)).starts_with("Missing value for required"));
}

TEST(Message, PathValuesAreFieldsOfTheMessage) {
  const std::pair<std::string, std::string> path[] = {{"name", "from the path"}, {"other", "x"}};
  auto json = read_body("{}", kMessage, path);
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ(Fields(kMessage, json->get_object()).text("name"), "from the path");
}

}  // namespace
}  // namespace penstock::api::mlflow
