#include <sportello/http/router.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace sportello::http {
namespace {

Handler nothing()
{
    return [](Request&) -> boost::asio::awaitable<Response> { co_return Response::empty(); };
}

Router sportello_routes()
{
    Router router;
    router.add(Method::get, "/", nothing());
    router.add(Method::get, "/v1/tickets", nothing());
    router.add(Method::get, "/v1/tickets/{id}", nothing());
    router.add(Method::patch, "/v1/tickets/{id}", nothing());
    router.add(Method::get, "/v1/tickets/next", nothing());
    router.add(Method::post, "/v1/tickets/next", nothing());
    router.add(Method::get, "/v1/tickets/{ticket}/notes/{note}", nothing());
    router.add(Method::post, "/v1/session", nothing());
    router.add(Method::get, "/assets/{file...}", nothing());
    router.add(Method::get, "/{page...}", nothing());
    return router;
}

struct Case {
    const char* name;
    Method method;
    const char* path;
    const char* route;
    std::vector<std::pair<std::string, std::string>> parameters;
    friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

class FindRoute : public testing::TestWithParam<Case> {};

TEST_P(FindRoute, FillsTheRequest)
{
    const Router router = sportello_routes();
    Request request;
    request.method = GetParam().method;
    request.path = GetParam().path;
    EXPECT_EQ(router.find(request).handler != nullptr, GetParam().route[0] != '\0');
    EXPECT_EQ(request.route, GetParam().route);
    EXPECT_EQ(request.path_parameters, GetParam().parameters);
}

INSTANTIATE_TEST_SUITE_P(
    Table, FindRoute,
    testing::Values(
        Case{"Root", Method::get, "/", "/", {}}, Case{"Literal", Method::get, "/v1/tickets", "/v1/tickets", {}},
        Case{"Parameter", Method::patch, "/v1/tickets/1042", "/v1/tickets/{id}", {{"id", "1042"}}},
        Case{"LiteralWins", Method::get, "/v1/tickets/next", "/v1/tickets/next", {}},
        Case{"LiteralIsNoPrefix", Method::get, "/v1/tickets/nextone", "/v1/tickets/{id}", {{"id", "nextone"}}},
        Case{"BackFromLiteral",
             Method::get,
             "/v1/tickets/next/notes/2",
             "/v1/tickets/{ticket}/notes/{note}",
             {{"ticket", "next"}, {"note", "2"}}},
        Case{"TwoParameters", Method::get, "/v1/tickets/7/notes/2", "/v1/tickets/{ticket}/notes/{note}", {{"ticket", "7"}, {"note", "2"}}},
        Case{"Rest", Method::get, "/assets/a/b.js", "/assets/{file...}", {{"file", "a/b.js"}}},
        Case{"EmptyRest", Method::get, "/assets/", "/assets/{file...}", {{"file", ""}}},
        Case{"CatchAll", Method::get, "/v2/tickets", "/{page...}", {{"page", "v2/tickets"}}},
        Case{"HeadIsGet", Method::head, "/v1/tickets", "/v1/tickets", {}},
        Case{"EmptySegmentIsNoParameter", Method::get, "/v1/tickets/", "/{page...}", {{"page", "v1/tickets/"}}},
        Case{"OtherMethod", Method::del, "/v1/tickets", "", {}}, Case{"TheMostSpecificDecides", Method::get, "/v1/session", "", {}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Router, NamesTheMethodsOfThePath)
{
    const Router router = sportello_routes();
    Request request;
    request.method = Method::del;
    request.path = "/v1/tickets/1042";
    EXPECT_EQ(router.find(request).allowed, (std::vector<Method>{Method::get, Method::patch}));
}

TEST(Router, FindsNothingWhereNothingIs)
{
    Router router;
    router.add(Method::get, "/a/{b}", nothing());
    Request request;
    request.path = "/a/b/c";
    const Router::Match match = router.find(request);
    EXPECT_EQ(match.handler, nullptr);
    EXPECT_TRUE(match.allowed.empty());
}

TEST(Router, RefusesTwoRoutesOfOneMeaning)
{
    Router router;
    router.add(Method::get, "/a/{b}", nothing());
    router.add(Method::post, "/a/{b}", nothing());
    EXPECT_THROW(router.add(Method::get, "/a/{c}", nothing()), std::logic_error);
    EXPECT_THROW(router.add(Method::get, "a", nothing()), std::logic_error);
    EXPECT_THROW(router.add(Method::get, "/{a...}/b", nothing()), std::logic_error);
}

TEST(Router, ListsItsRoutesInTheirOrder)
{
    const Router router = sportello_routes();
    ASSERT_EQ(router.entries().size(), 10U);
    EXPECT_EQ(router.entries()[3].pattern, "/v1/tickets/{id}");
    EXPECT_EQ(router.entries()[3].method, Method::patch);
}

} // namespace
} // namespace sportello::http
