#include "channel_sign_in.hpp"

#include <algorithm>

namespace sportello::app {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Result;
using connectors::SignInWay;
using namespace std::chrono_literals;

constexpr base::Duration sign_in_patience = 15min;
// More people than that do not sign channels in at once.
constexpr std::size_t most_pending = 100;

SignInWay way_of(const connectors::ChannelSettings& settings)
{
    if (settings.platform == domain::Platform::facebook) return SignInWay::facebook;
    return settings.credentials.client_id.empty() ? SignInWay::x_oauth1 : SignInWay::x_oauth2;
}

/// What the platform will give back unchanged: it tells one sign-in from another.
std::string key_of(const http::Parameters& parameters)
{
    for (const char* name : {"state", "oauth_token", "denied"}) {
        if (const auto value = parameters.find(name); value && !value->empty()) return std::string(*value);
    }
    return {};
}

} // namespace

asio::awaitable<Result<api::ChannelSignIn::Begun>> ServerSignIn::begin(std::string channel, std::string redirect, std::int64_t by)
{
    const auto settings =
        std::find_if(config_.connectors.begin(), config_.connectors.end(), [&](const auto& one) { return one.id == channel; });
    if (settings == config_.connectors.end()) co_return Error(ErrorKind::not_found, "There is no such channel.");
    if (!config_.stored.contains(channel)) {
        co_return Error(ErrorKind::conflict, "Channel " + channel +
                                                 " takes its token from where `credentials` of the configuration points: "
                                                 "put a new one there and reload (SIGHUP), or leave `credentials` out.");
    }
    const base::Instant now = clock_.now();
    std::erase_if(pending_, [&](const auto& entry) { return entry.second.expires_at <= now; });
    if (pending_.size() >= most_pending)
        co_return Error(ErrorKind::too_many, "Too many sign-ins are under way: try again in a quarter of an hour.");
    Pending pending{channel, by, now + sign_in_patience,
                    connectors::make_sign_in(way_of(*settings), *settings, redirect, transport_, clock_, random_)};
    const auto address = co_await pending.steps->begin();
    if (!address) co_return address.error();
    const auto question = address->find('?');
    const std::string key = question == std::string::npos ? "" : key_of(http::Parameters::parse(address->substr(question + 1)));
    if (key.empty()) co_return Error(ErrorKind::internal, "the platform's address holds nothing to know the answer by");
    Begun begun{*address, std::move(redirect), pending.expires_at};
    pending_.insert_or_assign(key, std::move(pending));
    co_return begun;
}

asio::awaitable<Result<api::ChannelSignIn::Ended>> ServerSignIn::finish(http::Parameters answer)
{
    const auto found = pending_.find(key_of(answer));
    if (found == pending_.end() || found->second.expires_at <= clock_.now()) {
        co_return Error(ErrorKind::not_found,
                        "This answers no sign-in that is under way here: it took too long, came twice, or the server was "
                        "started again meanwhile. Start the sign-in again.");
    }
    const Pending pending = std::move(found->second);
    pending_.erase(found); // it serves once, however it ends
    auto signed_in = co_await pending.steps->finish(std::move(answer), false);
    if (!signed_in) co_return signed_in.error();
    const auto kept = co_await store_.keep(pending.channel, std::move(signed_in->tokens));
    if (!kept) co_return kept.error().while_doing("store the tokens");
    const auto told = co_await engine_.signed_in(pending.channel, domain::AgentId{pending.by});
    if (!told) co_return told.error();
    co_return Ended{pending.channel, std::move(signed_in->account), std::move(signed_in->notes)};
}

} // namespace sportello::app
