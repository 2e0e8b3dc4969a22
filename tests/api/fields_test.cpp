#include "fields.hpp"
#include "query.hpp"

#include <gtest/gtest.h>

namespace sportello::api {
namespace {

using namespace std::chrono_literals;

struct Case {
    const char* name;
    std::string body;
    int status; ///< 0: accepted
    std::string pointer;
    friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

class Body : public testing::TestWithParam<Case> {};

TEST_P(Body, IsReadOrRefusedWithThePlace)
{
    const auto& [name, body, status, pointer] = GetParam();
    Fields fields(body);
    (void)fields.text("text", {1, 5});
    (void)fields.maybe_flag("flag");
    (void)fields.maybe_number("number", 1, 10);
    (void)fields.maybe_texts("list", 2, {1, 5});
    (void)fields.nullable_time("time");
    (void)fields.maybe_seconds("seconds", 60s);
    const auto problem = fields.refusal();
    EXPECT_EQ(problem ? problem->status : 0, status) << (problem ? problem->detail : "");
    if (!problem) return;
    ASSERT_FALSE(problem->errors.empty());
    EXPECT_EQ(problem->errors.front().pointer, pointer) << problem->errors.front().detail;
}

INSTANTIATE_TEST_SUITE_P(
    Table, Body,
    testing::Values(Case{"Plain", R"({"text":"ciao"})", 0, ""}, Case{"CountsCodePoints", R"({"text":"èèèèè"})", 0, ""},
                    Case{"EverythingRight", R"({"text":"a","flag":true,"number":10,"list":["x"],"time":null,"seconds":0.5})", 0, ""},
                    Case{"Missing", R"({})", 400, "/text"}, Case{"Unknown", R"({"text":"a","admin":true})", 400, "/admin"},
                    Case{"UnknownIsEscaped", R"({"text":"a","a/b~c":1})", 400, "/a~1b~0c"}, Case{"Mistyped", R"({"text":5})", 400, "/text"},
                    Case{"NullIsNoText", R"({"text":null})", 400, "/text"}, Case{"TooLong", R"({"text":"abcdef"})", 422, "/text"},
                    Case{"Empty", R"({"text":""})", 422, "/text"}, Case{"OnlyBlanks", R"({"text":"  "})", 422, "/text"},
                    Case{"NumberTooLarge", R"({"text":"a","number":11})", 422, "/number"},
                    Case{"NumberBeyond64Bits", R"({"text":"a","number":18446744073709551615})", 422, "/number"},
                    Case{"NoWholeNumber", R"({"text":"a","number":1.5})", 400, "/number"},
                    Case{"TextInList", R"({"text":"a","list":["x",7]})", 400, "/list/1"},
                    Case{"TwiceInList", R"({"text":"a","list":["x"," x"]})", 422, "/list/1"},
                    Case{"TooManyInList", R"({"text":"a","list":["x","y","z"]})", 422, "/list"},
                    Case{"LineBreakInList", R"({"text":"a","list":["x\ny"]})", 422, "/list/0"},
                    Case{"NoTime", R"({"text":"a","time":"tomorrow"})", 422, "/time"},
                    Case{"TooManySeconds", R"({"text":"a","seconds":61})", 422, "/seconds"},
                    Case{"NegativeSeconds", R"({"text":"a","seconds":-1})", 422, "/seconds"}, Case{"NotJson", R"({"text":)", 400, ""},
                    Case{"NoObject", R"(["text"])", 400, ""}, Case{"KeyTwice", R"({"text":"a","text":"b"})", 400, ""},
                    Case{"KeyTwiceInside", R"({"text":"a","x":{"y":1,"y":2}})", 400, ""},
                    Case{"InvalidUtf8", "{\"text\":\"a\xff\"}", 400, ""},
                    Case{"TooDeep", R"({"text":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}", 400, ""}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Fields, GivesOutCleanText)
{
    Fields fields(R"({"text":"a\u0000b"})");
    EXPECT_EQ(fields.text("text", {1, 10}), "a\uFFFDb");
}

TEST(Fields, HearsOfEveryMistakeAtOnce)
{
    Fields fields(R"({"a":1,"b":2,"c":3})");
    (void)fields.text("a", {1, 5});
    (void)fields.flag("b");
    EXPECT_EQ(fields.refusal()->errors.size(), 3U);
}

TEST(Query, RefusesWhatItDoesNotKnowAndWhatIsThereTwice)
{
    const auto parameters = http::Parameters::parse("limit=101&status=open&status=new&typo=1&at=2026-03-02T10:00:00+01:00");
    Query query(parameters);
    (void)query.limit();
    (void)query.text("status");
    EXPECT_EQ(query.time("at"), base::parse_rfc3339("2026-03-02T09:00:00Z").value()) << "an unencoded + is understood";
    const auto problem = query.refusal();
    ASSERT_TRUE(problem);
    EXPECT_EQ(problem->status, 400);
    ASSERT_EQ(problem->errors.size(), 3U);
    EXPECT_EQ(problem->errors[0].pointer, "query:limit");
    EXPECT_EQ(problem->errors[1].pointer, "query:status");
    EXPECT_EQ(problem->errors[2].pointer, "query:typo");
}

TEST(Cursor, IsReadBackByItsOwnOrderOnly)
{
    const auto cursor = write_cursor("due", {-5, 17});
    EXPECT_EQ(read_cursor(cursor, "due", 2), (std::vector<std::int64_t>{-5, 17}));
    for (const auto* bad : {"", "due", "due.1", "due.1.2.3", "due.1.x", "due.1.2 ", "updated.1.2", "due.99999999999999999999.1"}) {
        EXPECT_FALSE(read_cursor(bad, "due", 2)) << bad;
    }
}

} // namespace
} // namespace sportello::api
