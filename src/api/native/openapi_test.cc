#include "api/native/openapi.h"

#include <gtest/gtest.h>

#include <set>

#include "api/native/native_fixture.h"
#include "api/native/route_table.h"
#include "api/native/schemas.h"

namespace penstock::api::native {
namespace {

using OpenApiTest = NativeFixture;

// Every "$ref" below `value`.
void collect_references(const Json& value, std::set<std::string>& out) {
  if (value.is_array()) {
    for (const Json& item : value.get_array()) collect_references(item, out);
  }
  if (!value.is_object()) return;
  for (const auto& member : value.get_object()) {
    if (member.key() == "$ref") out.emplace(std::string_view(member.value().get_string()));
    collect_references(member.value(), out);
  }
}

TEST_F(OpenApiTest, TheServerServesTheDocument) {
  Json served = get_described("/api/v1/openapi.json", "/api/v1/openapi.json");
  EXPECT_EQ(served, document_);
  EXPECT_EQ(string_at(served, "openapi"), "3.1.0");
  EXPECT_EQ(string_at(*find(served, "info"), "version"), "0.1.0");
}

TEST_F(OpenApiTest, EveryRouteIsDescribedWithItsParameters) {
  const Json* paths = find(document_, "paths");
  ASSERT_NE(paths, nullptr);
  size_t described = 0;
  for (const auto& path : paths->get_object()) described += path.value().get_object().size();
  EXPECT_EQ(described, routes().size());
  for (const Route& route : routes()) {
    const Json* operation =
        find(*find(*paths, documented_path(route.path)), to_lower(method_name(route.method)));
    ASSERT_NE(operation, nullptr) << route.path;
    EXPECT_EQ(string_at(*operation, "operationId"), route.operation);
    size_t in_query = 0;
    for (const Json& parameter : find(*operation, "parameters")->get_array()) {
      in_query += string_at(parameter, "in") == "query" ? 1 : 0;
    }
    EXPECT_EQ(in_query, route.query.size()) << route.path;
    EXPECT_EQ(find(*operation, "requestBody") != nullptr, !route.body.empty()) << route.path;
    EXPECT_EQ(find(*operation, "x-roles") != nullptr, route.needs != access::Capability::kOpen) << route.path;
  }
}

TEST_F(OpenApiTest, EveryRouteHasOneHandlerAndAnOperationOfItsOwn) {
  std::set<std::string_view> operations;
  for (const Route& route : routes()) {
    EXPECT_NE(route.answer == nullptr, route.stream == nullptr) << route.path;
    EXPECT_TRUE(operations.insert(route.operation).second) << route.operation;
  }
}

TEST_F(OpenApiTest, EveryReferenceHasATargetAndEverySchemaAReference) {
  std::set<std::string> references;
  collect_references(document_, references);
  SchemaCheck check(document_);
  for (const std::string& reference : references) EXPECT_NE(check.resolve(reference), nullptr) << reference;
  for (const Schema& schema : schemas()) {
    EXPECT_TRUE(references.contains("#/components/schemas/" + std::string(schema.name))) << schema.name;
  }
}

TEST_F(OpenApiTest, EverySchemaIsValidJson) {
  for (const Schema& schema : schemas()) EXPECT_TRUE(parse_json(schema.json)) << schema.name;
}

TEST(SchemaCheckTest, FindsWhatIsMissingUndescribedOrOfAnotherType) {
  Json document = parse_json("{}").value();
  Json schema = parse_json(R"({"type":"object","required":["a"],"additionalProperties":false,"properties":{
    "a":{"type":["integer","null"],"minimum":0},"b":{"enum":["x"]},"c":{"type":"array","maxItems":1,
    "items":{"type":"string"}}}})")
                    .value();
  SchemaCheck check(document);
  EXPECT_EQ(check.findings(schema, parse_json(R"({"a":null,"b":"x","c":["t"]})").value()).size(), 0U);
  for (const char* wrong : {"{}", "[]", R"({"a":1.5})", R"({"a":-1})", R"({"a":1,"b":"y"})",
                            R"({"a":1,"d":1})", R"({"a":1,"c":[1]})", R"({"a":1,"c":["s","t"]})"}) {
    EXPECT_EQ(check.findings(schema, parse_json(wrong).value()).size(), 1U) << wrong;
  }
  EXPECT_EQ(check.findings(parse_json(R"({"allOf":[]})").value(), document).size(), 1U);
}

}  // namespace
}  // namespace penstock::api::native
