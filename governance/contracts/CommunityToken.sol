// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {ClockedVotes} from "./ClockedVotes.sol";

/// A token that votes. All of it is handed out when it is made; nobody can make more.
/// The first holders are their own delegates, so that their votes count at once.
contract CommunityToken is ERC20Permit, ClockedVotes {
    error UnequalLists();

    /// A holder of zero stands for the treasury, whose share does not vote.
    constructor(
        string memory name,
        string memory symbol,
        bool isBySeconds,
        address[] memory holders,
        uint256[] memory amounts,
        address treasury
    ) ERC20(name, symbol) ERC20Permit(name) ClockedVotes(isBySeconds) {
        require(holders.length == amounts.length, UnequalLists());
        for (uint256 i = 0; i < holders.length; i++) {
            address holder = holders[i] == address(0) ? treasury : holders[i];
            _mint(holder, amounts[i]);
            if (holder != treasury && delegates(holder) == address(0)) _delegate(holder, holder);
        }
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }

    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }
}
