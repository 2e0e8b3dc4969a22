#include "page.hpp"

namespace sportello::connectors::facebook {

boost::asio::awaitable<ChannelTrouble> PageIdentity::verify()
{
    if (verified_) co_return ChannelTrouble{};
    http::Parameters query;
    query.add("fields", "id,name");
    const Answer answer = co_await graph_.get("/me", query);
    if (!answer.success() || !answer.body) co_return trouble_of_read(answer, graph_.now());
    const std::string id = id_of(member(*answer.body, "id"));
    if (id != account_) {
        co_return ChannelTrouble{ChannelTrouble::State::misconfigured,
                                 "The token belongs to " + text_of(member(*answer.body, "name")) + " (" + id +
                                     "), the channel to the Page " + account_ +
                                     ": use that Page's own token; nothing is read or sent until then",
                                 {}};
    }
    verified_ = true;
    co_return ChannelTrouble{};
}

} // namespace sportello::connectors::facebook
