// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {CommunityGovernor, Wishes} from "./CommunityGovernor.sol";
import {CommunityToken} from "./CommunityToken.sol";
import {PeopleRegistry} from "./PeopleRegistry.sol";

/// A whole community, made by one transaction: all of it or nothing. What remains at its own address
/// only says where the parts are. Nobody is left with any right over them: the treasury's only
/// administrator is the treasury, only the governor proposes to it, anyone may execute what is due.
/// Whatever is sent along is the treasury's first money.
abstract contract Community {
    TimelockController public immutable treasury;
    CommunityGovernor public immutable governor;
    IVotes public immutable votes;

    event CommunityMade(address indexed governor, address indexed treasury, address indexed votes);

    error NotAsPredicted();

    // isOldVotes: the votes were there before, so that the governor is the second that is made here.
    function _makeTreasury(uint256 delay, bool isOldVotes) internal returns (TimelockController made) {
        address[] memory proposers = new address[](1);
        address[] memory executors = new address[](1);
        proposers[0] = _made(isOldVotes ? 2 : 3);
        made = new TimelockController(delay, proposers, executors, address(0));
        if (msg.value != 0) Address.sendValue(payable(address(made)), msg.value);
    }

    function _makeGovernor(IVotes by, TimelockController from, Wishes memory w, bool isOldVotes)
        internal
        returns (CommunityGovernor made)
    {
        made = new CommunityGovernor(by, from, w);
        require(address(made) == _made(isOldVotes ? 2 : 3), NotAsPredicted());
        emit CommunityMade(address(made), address(from), address(by));
    }

    // The address of the n-th contract that this one makes (Yellow Paper, section 7): of RLP([this, n]).
    function _made(uint8 n) private view returns (address) {
        return address(uint160(uint256(keccak256(abi.encodePacked(bytes2(0xd694), address(this), n)))));
    }
}

/// Votes by a new token.
contract TokenCommunity is Community {
    constructor(
        Wishes memory w,
        string memory tokenName,
        string memory symbol,
        bool isBySeconds,
        address[] memory holders,
        uint256[] memory amounts
    ) payable {
        TimelockController money = _makeTreasury(w.timelockDelay, false);
        IVotes by = new CommunityToken(tokenName, symbol, isBySeconds, holders, amounts, address(money));
        governor = _makeGovernor(by, money, w, false);
        (treasury, votes) = (money, by);
    }
}

/// One person, one vote.
contract PeopleCommunity is Community {
    constructor(
        Wishes memory w,
        string memory symbol,
        bool isBySeconds,
        address eas,
        bytes32 schema,
        address[] memory attesters,
        bytes32[] memory uids
    ) payable {
        TimelockController money = _makeTreasury(w.timelockDelay, false);
        IVotes by = new PeopleRegistry(w.name, symbol, isBySeconds, eas, schema, attesters, uids, address(money));
        governor = _makeGovernor(by, money, w, false);
        (treasury, votes) = (money, by);
    }
}

/// Votes by a token that is there already.
contract HoldersCommunity is Community {
    constructor(Wishes memory w, IVotes token) payable {
        TimelockController money = _makeTreasury(w.timelockDelay, true);
        governor = _makeGovernor(token, money, w, true);
        (treasury, votes) = (money, token);
    }
}
