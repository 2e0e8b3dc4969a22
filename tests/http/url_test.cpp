#include <sportello/http/url.hpp>

#include <gtest/gtest.h>

namespace sportello::http {
namespace {

struct Case {
    const char* name;
    const char* text;
    Url url;
    const char* host_header;
    friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

class ParseUrl : public testing::TestWithParam<Case> {};

TEST_P(ParseUrl, TakesItApart)
{
    const auto url = parse_url(GetParam().text);
    ASSERT_TRUE(url) << url.error().what();
    EXPECT_EQ(url->scheme, GetParam().url.scheme);
    EXPECT_EQ(url->host, GetParam().url.host);
    EXPECT_EQ(url->port, GetParam().url.port);
    EXPECT_EQ(url->target, GetParam().url.target);
    EXPECT_EQ(host_header(*url), GetParam().host_header);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ParseUrl,
    testing::Values(Case{"Plain", "http://example.org", {"http", "example.org", 80, "/"}, "example.org"},
                    Case{"Tls",
                         "HTTPS://Graph.Facebook.com/v19.0/me?fields=id,name",
                         {"https", "graph.facebook.com", 443, "/v19.0/me?fields=id,name"},
                         "graph.facebook.com"},
                    Case{"Port", "http://127.0.0.1:8080/a%20b#c", {"http", "127.0.0.1", 8080, "/a%20b"}, "127.0.0.1:8080"},
                    Case{"DefaultPort", "https://a:443/", {"https", "a", 443, "/"}, "a"},
                    Case{"EmptyPort", "https://a:/x", {"https", "a", 443, "/x"}, "a"},
                    Case{"Ipv6", "http://[::1]:81/", {"http", "::1", 81, "/"}, "[::1]:81"},
                    Case{"QueryWithoutPath", "http://a?b=c", {"http", "a", 80, "/?b=c"}, "a"}),
    [](const auto& test) { return std::string(test.param.name); });

class BadUrl : public testing::TestWithParam<const char*> {};

TEST_P(BadUrl, IsRefusedWithoutBeingRepeated)
{
    const auto url = parse_url(GetParam());
    ASSERT_FALSE(url);
    EXPECT_EQ(url.error().kind(), base::ErrorKind::invalid_input);
    EXPECT_EQ(url.error().what().find("secret"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Table, BadUrl,
                         testing::Values("", "secret", "/secret", "ftp://a/secret", "http://", "http:///secret", "http:secret",
                                         "http://user:secret@a/", "http://a:0/secret", "http://a:99999/secret", "http://a b/secret",
                                         "http://a%0d%0asecret/", "http://a/\r\nsecret"));

} // namespace
} // namespace sportello::http
