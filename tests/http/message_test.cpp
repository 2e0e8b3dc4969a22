#include <sportello/http/message.hpp>

#include <gtest/gtest.h>

namespace sportello::http {
namespace {

struct Form {
    const char* name;
    const char* text;
    std::vector<std::pair<std::string, std::string>> pairs;
    friend void PrintTo(const Form& c, std::ostream* out) { *out << c.name; }
};

class ParseParameters : public testing::TestWithParam<Form> {};

TEST_P(ParseParameters, GivesThePairsInTheirOrder)
{
    const Parameters parameters = Parameters::parse(GetParam().text);
    const std::vector<std::pair<std::string, std::string>> pairs(parameters.begin(), parameters.end());
    EXPECT_EQ(pairs, GetParam().pairs);
}

INSTANTIATE_TEST_SUITE_P(Table, ParseParameters,
                         testing::Values(Form{"Nothing", "", {}}, Form{"One", "a=1", {{"a", "1"}}},
                                         Form{"Repeated", "a=1&b=2&a=3", {{"a", "1"}, {"b", "2"}, {"a", "3"}}},
                                         Form{"NoValue", "a&b=", {{"a", ""}, {"b", ""}}}, Form{"EmptyPairs", "&&a=1&", {{"a", "1"}}},
                                         Form{"Encoded", "q=perch%C3%A9+no%2B", {{"q", "perch\xc3\xa9 no+"}}},
                                         Form{"EqualsInValue", "a=b=c", {{"a", "b=c"}}},
                                         Form{"StrayPercent", "a=100%&b=%zz&c=%4", {{"a", "100%"}, {"b", "%zz"}, {"c", "%4"}}},
                                         Form{"InvalidUtf8", "a=%ff%00", {{"a", "\xef\xbf\xbd\xef\xbf\xbd"}}}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Parameters, AreReadBackAsTheyWereEncoded)
{
    Parameters parameters;
    parameters.add("text", "a&b=c d+e%~\n\xc3\xa8");
    parameters.add("", "x");
    const std::string encoded = parameters.encode();
    EXPECT_EQ(encoded, "text=a%26b%3Dc%20d%2Be%25~%0A%C3%A8&=x");
    const Parameters again = Parameters::parse(encoded);
    EXPECT_EQ(again.find("text"), parameters.find("text"));
    EXPECT_EQ(again.find(""), "x");
    EXPECT_FALSE(again.find("y"));
}

TEST(PercentEncode, LeavesOnlyUnreservedCharacters)
{
    EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
    EXPECT_EQ(percent_encode("!*'() /?"), "%21%2A%27%28%29%20%2F%3F");
}

TEST(Headers, CompareNamesWithoutCase)
{
    Headers headers;
    headers.add("Content-Type", "text/plain");
    headers.add("X-A", "1");
    headers.add("x-a", "2");
    EXPECT_EQ(headers.find("content-TYPE"), "text/plain");
    EXPECT_EQ(headers.find("X-a"), "1");
    headers.set("X-A", "3");
    EXPECT_EQ(headers.find("x-a"), "3");
    EXPECT_EQ(headers.size(), 2U);
    EXPECT_FALSE(headers.has("X"));
}

TEST(Methods, AreReadBackAsTheyAreWritten)
{
    for (const Method method : {Method::get, Method::head, Method::post, Method::put, Method::patch, Method::del, Method::options}) {
        EXPECT_EQ(parse_method(to_string(method)), method);
    }
    EXPECT_FALSE(parse_method("get"));
    EXPECT_FALSE(parse_method("TRACE"));
}

TEST(Request, FindsACookieAmongOthers)
{
    Request request;
    request.headers.add("Cookie", "a=1; sportello=secret==;b=2");
    request.headers.add("Cookie", "c=3");
    EXPECT_EQ(request.cookie("sportello"), "secret==");
    EXPECT_EQ(request.cookie("b"), "2");
    EXPECT_EQ(request.cookie("c"), "3");
    EXPECT_FALSE(request.cookie("sport"));
}

} // namespace
} // namespace sportello::http
