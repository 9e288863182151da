#include "core/text_diff.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/random.h"
#include "core/text.h"

namespace penstock {
namespace {

// What `patch` makes of `before`: applies the hunks of a unified diff.
std::string patched(std::string_view before, std::string_view diff) {
  std::vector<std::string> old_lines;
  for (std::string_view line : split(before, '\n')) old_lines.emplace_back(line);
  if (before.ends_with('\n') || before.empty()) old_lines.pop_back();
  std::vector<std::string> out;
  size_t next = 0;
  bool ends_with_newline = before.ends_with('\n');
  std::vector<std::string_view> lines = split(diff, '\n');
  char last = ' ';
  for (size_t i = 2; i + 1 < lines.size(); ++i) {
    std::string_view line = lines[i];
    if (line.starts_with("@@ -")) {
      std::string_view numbers = line.substr(4, line.find(' ', 4) - 4);
      size_t comma = numbers.find(',');
      auto first = static_cast<size_t>(*parse_int(numbers.substr(0, comma)));
      bool empty = comma != std::string_view::npos && numbers.substr(comma + 1) == "0";
      size_t begin = empty ? first : first - 1;
      while (next < begin) out.push_back(old_lines.at(next++));
      continue;
    }
    if (line.starts_with('\\')) {
      if (last != '-') ends_with_newline = false;
      continue;
    }
    last = line.front();
    if (last == '+') {
      out.emplace_back(line.substr(1));
      ends_with_newline = true;
      continue;
    }
    EXPECT_EQ(old_lines.at(next), line.substr(1));
    ++next;
    if (last == ' ') {
      out.emplace_back(line.substr(1));
      ends_with_newline = true;
    }
  }
  while (next < old_lines.size()) {
    out.push_back(old_lines[next++]);
    ends_with_newline = before.ends_with('\n');
  }
  std::string text;
  for (const std::string& line : out) text += line + "\n";
  if (!ends_with_newline && !text.empty()) text.pop_back();
  return text;
}

TEST(TextDiffTest, EqualTextsHaveNoDifference) {
  EXPECT_EQ(unified_diff("a\nb\n", "a\nb\n", "x", "y"), "");
  EXPECT_EQ(unified_diff("", "", "x", "y"), "");
}

TEST(TextDiffTest, ShowsAChangedLineAmidThreeLinesOfContext) {
  EXPECT_EQ(unified_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n", "version 1", "new"),
            "--- version 1\n+++ new\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST(TextDiffTest, ChangesFarApartStandInHunksOfTheirOwn) {
  std::string before, after;
  for (int i = 1; i <= 30; ++i) {
    before += std::to_string(i) + "\n";
    after += (i == 3 || i == 25 ? "x" : std::to_string(i)) + "\n";
  }
  std::string diff = unified_diff(before, after, "a", "b");
  EXPECT_NE(diff.find("@@ -1,6 +1,6 @@\n"), std::string::npos) << diff;
  EXPECT_NE(diff.find("@@ -22,7 +22,7 @@\n"), std::string::npos) << diff;
  EXPECT_EQ(patched(before, diff), after);
}

TEST(TextDiffTest, SaysWhereALineEndIsMissing) {
  EXPECT_EQ(unified_diff("a\n", "a", "x", "y"),
            "--- x\n+++ y\n@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n");
}

TEST(TextDiffTest, CountsFromTheLineBeforeWhereOneSideIsEmpty) {
  EXPECT_EQ(unified_diff("", "a\nb\n", "x", "y"), "--- x\n+++ y\n@@ -0,0 +1,2 @@\n+a\n+b\n");
  EXPECT_EQ(unified_diff("a\n", "", "x", "y"), "--- x\n+++ y\n@@ -1 +0,0 @@\n-a\n");
}

TEST(TextDiffTest, TurnsAnyTextIntoAnyOther) {
  constexpr uint64_t kSeed = 20261124;
  SeededRandom random(kSeed);
  auto text = [&](size_t lines) {
    std::string out;
    for (size_t i = 0; i < lines; ++i)
      out += std::string(1, static_cast<char>('a' + random.next_u64() % 4)) + "\n";
    if (!out.empty() && random.next_u64() % 4 == 0) out.pop_back();
    return out;
  };
  for (int round = 0; round < 2'000; ++round) {
    std::string before = text(random.next_u64() % 40);
    std::string after = text(random.next_u64() % 40);
    EXPECT_EQ(patched(before, unified_diff(before, after, "a", "b")), before == after ? before : after)
        << "seed " << kSeed << ", round " << round;
  }
}

TEST(TextDiffTest, ReplacesTheMiddleOfTextsThatDifferInMoreThanItsLimit) {
  std::string before = "head\n", after = "head\n";
  for (int i = 0; i < kDiffEditsMax; ++i) {
    before += "old " + std::to_string(i) + "\n";
    after += "new " + std::to_string(i) + "\n";
  }
  std::string diff = unified_diff(before + "tail\n", after + "tail\n", "a", "b");
  EXPECT_EQ(patched(before + "tail\n", diff), after + "tail\n");
}

}  // namespace
}  // namespace penstock
