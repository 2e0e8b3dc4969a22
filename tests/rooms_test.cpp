// Keeps src/README.md, the map of the rooms, true: what each room includes is compared with what the map lets it use.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Room {
    std::string name;
    std::set<std::string> uses;
    bool operator==(const Room&) const = default;
};

/// From the ground up, in the order of the map.
using RoomMap = std::vector<Room>;

const fs::path source_dir = SPORTELLO_SOURCE_DIR;

std::string contents(const fs::path& file)
{
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The rows of the map's table: | `room` | what lives there | `a`, `b` |
RoomMap read_map(const std::string& markdown)
{
    static const std::regex row(R"(^\| `(\w+)` \|[^|]*\|([^|]*)\|$)");
    static const std::regex name("`(\\w+)`");
    RoomMap map;
    std::istringstream lines(markdown);
    for (std::string line; std::getline(lines, line);) {
        std::smatch cells;
        if (!std::regex_match(line, cells, row)) continue;
        const std::string uses = cells[2];
        auto& below = map.emplace_back(Room{cells[1], {}}).uses;
        for (std::sregex_iterator it(uses.begin(), uses.end(), name), end; it != end; ++it) below.insert((*it)[1]);
    }
    return map;
}

struct Include {
    fs::path file;
    std::string path; ///< as written between the brackets or quotes
};

std::vector<Include> includes_below(const fs::path& folder)
{
    static const std::regex directive(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
    std::vector<Include> found;
    if (!fs::exists(folder)) return found;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const auto extension = entry.path().extension();
        if (extension != ".cpp" && extension != ".hpp") continue;
        std::istringstream lines(contents(entry.path()));
        for (std::string line; std::getline(lines, line);) {
            std::smatch match;
            if (std::regex_search(line, match, directive)) found.push_back({entry.path(), match[1]});
        }
    }
    return found;
}

std::vector<Include> includes_of_room(const std::string& room)
{
    auto found = includes_below(source_dir / "src" / room);
    for (auto& include : includes_below(source_dir / "include" / "sportello" / room)) found.push_back(include);
    return found;
}

/// "http" for "sportello/http/server.hpp"; nothing for what is not ours.
std::string room_of(const std::string& include)
{
    static const std::regex ours("^sportello/(\\w+)/.*");
    std::smatch match;
    return std::regex_match(include, match, ours) ? match[1].str() : std::string();
}

bool is_beast(const std::string& include)
{
    return include == "boost/beast.hpp" || include.starts_with("boost/beast/");
}

TEST(Rooms, TheMapNamesExactlyTheRoomsThatExist)
{
    const auto map = read_map(contents(source_dir / "src" / "README.md"));
    std::set<std::string> mapped, built;
    for (const auto& [room, uses] : map) mapped.insert(room);
    for (const auto& entry : fs::directory_iterator(source_dir / "src")) {
        if (fs::exists(entry.path() / "CMakeLists.txt")) built.insert(entry.path().filename());
    }
    EXPECT_EQ(mapped, built);
}

TEST(Rooms, TheMapHasADirection)
{
    // From the ground up: what a room uses stands in a row before its own, so no circle is possible.
    std::set<std::string> ground;
    for (const auto& [room, uses] : read_map(contents(source_dir / "src" / "README.md"))) {
        for (const auto& below : uses) {
            EXPECT_TRUE(ground.contains(below)) << room << " uses " << below << ", which does not stand before it on the map";
        }
        ground.insert(room);
    }
}

TEST(Rooms, EachIncludesOnlyWhatTheMapAllows)
{
    for (const auto& [room, uses] : read_map(contents(source_dir / "src" / "README.md"))) {
        for (const auto& [file, include] : includes_of_room(room)) {
            const auto other = room_of(include);
            if (other.empty() || other == room) continue;
            EXPECT_TRUE(uses.contains(other)) << fs::relative(file, source_dir).string() << " includes <" << include << ">: " << room
                                              << " may not use " << other;
        }
    }
}

TEST(Rooms, NoneReachesThroughTheWallIntoAnother)
{
    for (const auto& [room, uses] : read_map(contents(source_dir / "src" / "README.md"))) {
        const auto inside = (source_dir / "src" / room).string() + "/";
        for (const auto& [file, include] : includes_of_room(room)) {
            if (include.find("../") == std::string::npos) continue;
            const auto reached = (file.parent_path() / include).lexically_normal().string();
            EXPECT_TRUE(reached.starts_with(inside)) << fs::relative(file, source_dir).string() << " includes \"" << include << "\"";
        }
    }
}

TEST(Rooms, BeastStaysInsideHttp)
{
    const auto http = {source_dir / "src" / "http", source_dir / "tests" / "http", source_dir / "tests" / "bench"};
    for (const auto folder : {"include", "src", "tests"}) {
        for (const auto& [file, include] : includes_below(source_dir / folder)) {
            const bool allowed =
                std::ranges::any_of(http, [&file = file](const fs::path& home) { return file.string().starts_with(home.string() + "/"); });
            EXPECT_TRUE(allowed || !is_beast(include))
                << fs::relative(file, source_dir).string() << " includes <" << include << ">: Beast stays inside src/http";
        }
    }
}

TEST(Rooms, TheCheckSeesWhatItLooksFor)
{
    const auto map = read_map("| `base` | clock | |\n| `http` | a server | `base` |\n");
    EXPECT_EQ(map, (RoomMap{{"base", {}}, {"http", {"base"}}}));
    EXPECT_EQ(room_of("sportello/http/server.hpp"), "http");
    EXPECT_EQ(room_of("boost/asio.hpp"), "");
    EXPECT_TRUE(is_beast("boost/beast/http.hpp"));
    EXPECT_FALSE(includes_of_room("base").empty());
}

} // namespace
