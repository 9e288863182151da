#include "datasets/expectations/profile.h"

#include "core/json_text.h"
#include "datasets/expectations/expectations_fixture.h"

namespace penstock::datasets {
namespace {

using ProfileTest = ExpectationsTest;

TEST_F(ProfileTest, TheProposedSuiteIsMetByItsFile) {
  std::string path =
      write_parquet("users.parquet",
                    "SELECT i AS id, i % 3 AS grade, CASE WHEN i % 10 = 0 THEN NULL ELSE i * 0.5 END AS x, "
                    "'name ' || i AS name, i % 2 = 0 AS even, DATE '2024-01-01' AS day FROM range(200) t(i)");
  auto suite = profile(*connection_, {.path = path});
  ASSERT_TRUE(suite.has_value()) << suite.error().message;
  auto validation = validate(*connection_, {.path = path}, *suite, {});
  ASSERT_TRUE(validation.has_value()) << validation.error().message;
  for (size_t i = 0; i < suite->expectations.size(); ++i) {
    EXPECT_TRUE(validation->results[i].success)
        << suite->expectations[i].type << json_text(suite->expectations[i].kwargs)
        << validation->results[i].exception;
  }
  std::string text = json_text(suite_document(*suite));
  for (std::string_view part :
       {R"("kwargs":{"column":"id"})", R"("column":"grade","value_set":[0,1,2])",
        R"("column":"x","mostly":0.9)", R"("column":"name","min_value":6,"max_value":8)"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

TEST_F(ProfileTest, AFileWithoutRowsHasColumnsOnly) {
  auto suite = profile(*connection_, {.path = write("empty.csv", "a,b\n")});
  ASSERT_TRUE(suite.has_value()) << suite.error().message;
  EXPECT_EQ(suite->expectations.size(), 1U);
}

}  // namespace
}  // namespace penstock::datasets
