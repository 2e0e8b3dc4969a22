#include "dashboard_files.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sportello::api {
namespace {

namespace fs = std::filesystem;

class DashboardPages : public testing::Test {
protected:
    DashboardPages()
    {
        std::string name = (fs::temp_directory_path() / "sportello-dist-XXXXXX").string();
        parent_ = mkdtemp(name.data());
        write("secret.txt", "secret");
        write("dist/index.html", "<!doctype html>");
        write("dist/assets/app-1a2b.js", "plain");
        write("dist/assets/app-1a2b.js.br", "brotli");
        write("dist/assets/app-1a2b.js.gz", "gzip");
        write("dist/favicon.svg", "<svg/>");
        fs::create_symlink(parent_ / "secret.txt", parent_ / "dist/link.txt");
    }
    ~DashboardPages() override { fs::remove_all(parent_); }

    void write(const std::string& place, const std::string& content)
    {
        fs::create_directories((parent_ / place).parent_path());
        std::ofstream(parent_ / place) << content;
    }
    [[nodiscard]] DashboardFiles files() const { return DashboardFiles(parent_ / "dist"); }
    static http::Request request(const std::string& path, const std::string& accepted = "")
    {
        http::Request made;
        made.path = path;
        if (!accepted.empty()) made.headers.add("Accept-Encoding", accepted);
        return made;
    }

    fs::path parent_;
};

TEST_F(DashboardPages, EveryPageIsTheSameDocument)
{
    const auto served = files();
    for (const auto* path : {"/", "/login", "/queue/due/1042", "/supervision"}) {
        const auto response = served.find(request(path));
        ASSERT_TRUE(response) << path;
        EXPECT_EQ(response->body, "<!doctype html>");
        EXPECT_EQ(response->headers.find("Cache-Control"), "no-cache");
        EXPECT_NE(response->headers.find("Content-Security-Policy").value().find("trusted-types vue"), std::string_view::npos);
        EXPECT_NE(response->headers.find("Content-Security-Policy").value().find("report-to page-policy"), std::string_view::npos);
        EXPECT_EQ(response->headers.find("Reporting-Endpoints"), "page-policy=\"/hooks/page-policy\"");
    }
}

TEST_F(DashboardPages, OnlyWhoIsInHasTheFirstScreenAskedForAhead)
{
    const auto served = files();
    auto with_session = [](const std::string& path) {
        auto made = request(path);
        made.headers.add("Cookie", "sportello=abc");
        return made;
    };
    for (const auto* path : {"/", "/queue/due/1042", "/supervision"}) {
        EXPECT_EQ(served.find(with_session(path))->headers.find("Link"), "</v1/bootstrap>; rel=preload; as=fetch; crossorigin=anonymous")
            << path;
        EXPECT_FALSE(served.find(request(path))->headers.has("Link")) << path;
        EXPECT_EQ(served.find(request(path))->headers.find("Vary"), "Accept-Encoding, Cookie") << path;
    }
    for (const auto* path : {"/login", "/access", "/accessibility", "/favicon.svg", "/assets/app-1a2b.js"}) {
        EXPECT_FALSE(served.find(with_session(path))->headers.has("Link")) << path;
    }
    auto over_tls = with_session("/");
    over_tls.secure = true; // where the cookie of a page without TLS is nobody's session
    EXPECT_FALSE(served.find(over_tls)->headers.has("Link"));
    over_tls.headers.set("Cookie", "__Host-sportello=abc");
    EXPECT_TRUE(served.find(over_tls)->headers.has("Link"));
}

TEST_F(DashboardPages, HashedFilesAreKeptForEverAndSentAsSmallAsAccepted)
{
    const auto served = files();
    const auto plain = served.find(request("/assets/app-1a2b.js"));
    EXPECT_EQ(plain->body, "plain");
    EXPECT_EQ(plain->headers.find("Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(plain->headers.find("Content-Type"), "text/javascript; charset=utf-8");
    const auto brotli = served.find(request("/assets/app-1a2b.js", "gzip, deflate, br"));
    EXPECT_EQ(brotli->body, "brotli");
    EXPECT_EQ(brotli->headers.find("Content-Encoding"), "br");
    EXPECT_EQ(served.find(request("/assets/app-1a2b.js", "br;q=0, gzip"))->body, "gzip");
}

TEST_F(DashboardPages, AFileThatTheBrowserHasIsNotSentAgain)
{
    const auto served = files();
    auto again = request("/favicon.svg");
    again.headers.add("If-None-Match", std::string(served.find(again)->headers.find("ETag").value()));
    const auto response = served.find(again);
    EXPECT_EQ(response->status, 304);
    EXPECT_TRUE(response->body.empty());
}

TEST_F(DashboardPages, NothingOutsideTheFolderIsServed)
{
    const auto served = files();
    for (const auto* path : {"/../secret.txt", "/assets/../../secret.txt", "/secret.txt", "/link.txt", "//etc/passwd.txt", "/assets",
                             "/assets/", "/assets/none.js", "/v1/none", "/assets/app-1a2b.js.br"}) {
        const auto response = served.find(request(path));
        if (response) { EXPECT_EQ(response->body, "<!doctype html>") << path; }
        EXPECT_TRUE(!response || std::string_view(path).find('.') == std::string_view::npos) << path;
    }
}

TEST_F(DashboardPages, WithoutABuildThePageSaysWhatToDo)
{
    const DashboardFiles none{fs::path()};
    const auto response = none.find(request("/"));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 503);
    EXPECT_NE(response->body.find("./dev build"), std::string::npos);
}

} // namespace
} // namespace sportello::api
