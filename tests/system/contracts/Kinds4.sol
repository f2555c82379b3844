// Communities as users of OpenZeppelin 4.9 wrote them: a token, a timelock, a governor of its wizard, and one that is
// compatible with Bravo. Nothing of ours.
pragma solidity ^0.8.24;

import {ERC20} from "openzeppelin-4/token/ERC20/ERC20.sol";
import {ERC20Permit} from "openzeppelin-4/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "openzeppelin-4/token/ERC20/extensions/ERC20Votes.sol";
import {Governor} from "openzeppelin-4/governance/Governor.sol";
import {IGovernor} from "openzeppelin-4/governance/IGovernor.sol";
import {GovernorCompatibilityBravo} from "openzeppelin-4/governance/compatibility/GovernorCompatibilityBravo.sol";
import {GovernorCountingSimple} from "openzeppelin-4/governance/extensions/GovernorCountingSimple.sol";
import {GovernorSettings} from "openzeppelin-4/governance/extensions/GovernorSettings.sol";
import {GovernorTimelockCompound} from "openzeppelin-4/governance/extensions/GovernorTimelockCompound.sol";
import {GovernorTimelockControl} from "openzeppelin-4/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "openzeppelin-4/governance/extensions/GovernorVotes.sol";
import {GovernorVotesQuorumFraction} from "openzeppelin-4/governance/extensions/GovernorVotesQuorumFraction.sol";
import {IGovernorTimelock} from "openzeppelin-4/governance/extensions/IGovernorTimelock.sol";
import {TimelockController} from "openzeppelin-4/governance/TimelockController.sol";
import {IVotes} from "openzeppelin-4/governance/utils/IVotes.sol";
import {IERC165} from "openzeppelin-4/utils/introspection/IERC165.sol";
import {ICompoundTimelock} from "openzeppelin-4/vendor/compound/ICompoundTimelock.sol";

contract OldToken is ERC20, ERC20Permit, ERC20Votes {
    constructor(address[4] memory holders) ERC20("Old", "OLD") ERC20Permit("Old") {
        for (uint256 i = 0; i < 4; i++) _mint(holders[i], (4 - i) * 10 ether);
    }

    function _afterTokenTransfer(address from, address to, uint256 amount) internal override(ERC20, ERC20Votes) {
        super._afterTokenTransfer(from, to, amount);
    }

    function _mint(address to, uint256 amount) internal override(ERC20, ERC20Votes) {
        super._mint(to, amount);
    }

    function _burn(address from, uint256 amount) internal override(ERC20, ERC20Votes) {
        super._burn(from, amount);
    }
}

contract OldTimelock is TimelockController {
    constructor() TimelockController(1, new address[](0), new address[](1), msg.sender) {}
}

contract OldGovernor is
    Governor,
    GovernorSettings,
    GovernorCountingSimple,
    GovernorVotes,
    GovernorVotesQuorumFraction,
    GovernorTimelockControl
{
    constructor(IVotes token, TimelockController timelock, uint256 period)
        Governor("Olds")
        GovernorSettings(2, period, 1 ether)
        GovernorVotes(token)
        GovernorVotesQuorumFraction(25)
        GovernorTimelockControl(timelock)
    {}

    function votingDelay() public view override(IGovernor, GovernorSettings) returns (uint256) {
        return super.votingDelay();
    }

    function votingPeriod() public view override(IGovernor, GovernorSettings) returns (uint256) {
        return super.votingPeriod();
    }

    function quorum(uint256 at) public view override(IGovernor, GovernorVotesQuorumFraction) returns (uint256) {
        return super.quorum(at);
    }

    function state(uint256 id) public view override(Governor, GovernorTimelockControl) returns (ProposalState) {
        return super.state(id);
    }

    function proposalThreshold() public view override(Governor, GovernorSettings) returns (uint256) {
        return super.proposalThreshold();
    }

    function _execute(uint256 id, address[] memory targets, uint256[] memory values, bytes[] memory calldatas, bytes32 text)
        internal
        override(Governor, GovernorTimelockControl)
    {
        super._execute(id, targets, values, calldatas, text);
    }

    function _cancel(address[] memory targets, uint256[] memory values, bytes[] memory calldatas, bytes32 text)
        internal
        override(Governor, GovernorTimelockControl)
        returns (uint256)
    {
        return super._cancel(targets, values, calldatas, text);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }

    function supportsInterface(bytes4 id) public view override(Governor, GovernorTimelockControl) returns (bool) {
        return super.supportsInterface(id);
    }
}

contract CompatibleGovernor is
    Governor,
    GovernorSettings,
    GovernorCompatibilityBravo,
    GovernorVotes,
    GovernorVotesQuorumFraction,
    GovernorTimelockCompound
{
    constructor(IVotes token, ICompoundTimelock timelock, uint256 period)
        Governor("Compatibles")
        GovernorSettings(2, period, 1 ether)
        GovernorVotes(token)
        GovernorVotesQuorumFraction(25)
        GovernorTimelockCompound(timelock)
    {}

    function votingDelay() public view override(IGovernor, GovernorSettings) returns (uint256) {
        return super.votingDelay();
    }

    function votingPeriod() public view override(IGovernor, GovernorSettings) returns (uint256) {
        return super.votingPeriod();
    }

    function quorum(uint256 at) public view override(IGovernor, GovernorVotesQuorumFraction) returns (uint256) {
        return super.quorum(at);
    }

    function state(uint256 id)
        public
        view
        override(Governor, IGovernor, GovernorTimelockCompound)
        returns (ProposalState)
    {
        return super.state(id);
    }

    function propose(address[] memory targets, uint256[] memory values, bytes[] memory calldatas, string memory text)
        public
        override(Governor, GovernorCompatibilityBravo, IGovernor)
        returns (uint256)
    {
        return super.propose(targets, values, calldatas, text);
    }

    function cancel(address[] memory targets, uint256[] memory values, bytes[] memory calldatas, bytes32 text)
        public
        override(Governor, GovernorCompatibilityBravo, IGovernor)
        returns (uint256)
    {
        return super.cancel(targets, values, calldatas, text);
    }

    function proposalThreshold() public view override(Governor, GovernorSettings) returns (uint256) {
        return super.proposalThreshold();
    }

    function _execute(uint256 id, address[] memory targets, uint256[] memory values, bytes[] memory calldatas, bytes32 text)
        internal
        override(Governor, GovernorTimelockCompound)
    {
        super._execute(id, targets, values, calldatas, text);
    }

    function _cancel(address[] memory targets, uint256[] memory values, bytes[] memory calldatas, bytes32 text)
        internal
        override(Governor, GovernorTimelockCompound)
        returns (uint256)
    {
        return super._cancel(targets, values, calldatas, text);
    }

    function _executor() internal view override(Governor, GovernorTimelockCompound) returns (address) {
        return super._executor();
    }

    function supportsInterface(bytes4 id)
        public
        view
        override(Governor, IERC165, GovernorTimelockCompound)
        returns (bool)
    {
        return super.supportsInterface(id);
    }
}
