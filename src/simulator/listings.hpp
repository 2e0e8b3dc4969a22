#pragma once

#include <sportello/simulator/simulator.hpp>

#include <string>
#include <vector>

namespace sportello::simulator {

/// The name of the environment variable that holds an account's token: SPORTELLO_<PLATFORM>_<ACCOUNT>, upper case.
[[nodiscard]] std::string credentials_name(const Account& account);

/// What `sportello-simulator --channels-toml` prints: a [[brand]] and a [[channel]] for each account.
[[nodiscard]] std::string channels_toml(const std::vector<Account>& accounts);
/// `--credentials-env`: one NAME=token a line.
[[nodiscard]] std::string credentials_env(const std::vector<Account>& accounts);
/// `--pages`: platform, account and path of the public page, parted by tabs.
[[nodiscard]] std::string pages_list(const std::vector<Account>& accounts);

} // namespace sportello::simulator
