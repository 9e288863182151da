#include "datasets/expectations/date_text.h"

#include <gtest/gtest.h>

namespace penstock::datasets {
namespace {

TEST(DateText, UsualFormsAreDates) {
  for (std::string_view text : {"2024-02-29",
                                "2024/2/9",
                                "20240229",
                                "240229",
                                "3/14/2024",
                                "14/3/2024",
                                "14.03.2024",
                                "14 Mar 2024",
                                "March 14, 2024",
                                "Mar 2024",
                                "14-Mar-24",
                                "Mon, 14 Mar 2024 10:00:00 GMT",
                                "2024-02-29T10:00:00Z",
                                "2024-02-29 10:00:00.123456+02:00",
                                "2024-02-29T10:00:00-0500",
                                "10:30",
                                "5pm",
                                "5 PM",
                                "10:30 am",
                                "Monday",
                                "2024",
                                "12",
                                "20240229T101500",
                                "202402291015",
                                "1st of March 2024"}) {
    EXPECT_TRUE(is_date_text(text)) << text;
  }
}

TEST(DateText, WhatIsNoDateIsNone) {
  for (std::string_view text :
       {"", " ", "not a day", "2024-02-30", "2023-02-29", "32/13/2024", "25:00", "10:61", "hello",
        "2024-13-45", "1/2/3/4", "12345", "a1b2", "2024-01-01 extra"}) {
    EXPECT_FALSE(is_date_text(text)) << text;
  }
}

}  // namespace
}  // namespace penstock::datasets
