#include <sportello/base/tally.hpp>

#include <map>
#include <mutex>
#include <tuple>
#include <utility>

namespace sportello::base {
namespace {

using Key = std::pair<std::string, std::string>;
using View = std::pair<std::string_view, std::string_view>;

struct Before {
    using is_transparent = void;
    template <class A, class B> bool operator()(const A& a, const B& b) const
    {
        return std::tuple<std::string_view, std::string_view>(a.first, a.second) <
               std::tuple<std::string_view, std::string_view>(b.first, b.second);
    }
};

struct Totals {
    std::mutex mutex;
    std::map<Key, double, Before> by_key;
};

Totals& totals()
{
    static Totals instance;
    return instance;
}

} // namespace

void tally(std::string_view what, std::string_view of, double amount)
{
    const std::scoped_lock lock(totals().mutex);
    auto& by_key = totals().by_key;
    const auto found = by_key.find(View(what, of));
    if (found != by_key.end()) found->second += amount;
    else by_key.emplace(Key(what, of), amount);
}

std::vector<Tallied> tallied()
{
    const std::scoped_lock lock(totals().mutex);
    std::vector<Tallied> all;
    for (const auto& [key, total] : totals().by_key) all.push_back({key.first, key.second, total});
    return all;
}

} // namespace sportello::base
