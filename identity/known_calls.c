/* Known functions: the table, and the tree of a call's arguments with their names.
 *
 * The functions that call themselves go down the types of a signature of the table: "recurses"
 * means no deeper than its parentheses and brackets, a handful. Calls within calls are for
 * explain_call.c. */
#include "identity/known_calls.h"

#include <stdio.h>

#include "identity/address.h"
#include "identity/safe_text.h"
#include "node/base/hex.h"
#include "node/codec/abi.h"

#define ARENA_MAX 65536U

const struct ht_known_call ht_known_calls[] = {
    {0xa9059cbbU, HT_CALL_TRANSFER, "Send tokens", "transfer(address to,uint256 amount)"},
    {0x23b872ddU, HT_CALL_TRANSFER_FROM, "Move tokens",
     "transferFrom(address from,address to,uint256 amount)"},
    {0x095ea7b3U, HT_CALL_APPROVE, "Allow spending of tokens",
     "approve(address spender,uint256 amount)"},
    {0x39509351U, HT_CALL_APPROVE, "Allow spending of more tokens",
     "increaseAllowance(address spender,uint256 addedValue)"},
    {0xa457c2d7U, HT_CALL_OTHER, "Lower an allowance",
     "decreaseAllowance(address spender,uint256 subtractedValue)"},
    {0xd505accfU, HT_CALL_PERMIT, "Allow spending by signature",
     "permit(address owner,address spender,uint256 value,uint256 deadline,uint8 v,bytes32 r,bytes32 s)"},
    {0x8fcbaf0cU, HT_CALL_PERMIT_ALL, "Allow spending by signature",
     "permit(address holder,address spender,uint256 nonce,uint256 expiry,bool allowed,uint8 v,bytes32 r,bytes32 s)"},
    {0x87517c45U, HT_CALL_PERMIT2_APPROVE, "Allow spending through Permit2",
     "approve(address token,address spender,uint160 amount,uint48 expiration)"},
    {0x36c78516U, HT_CALL_OTHER, "Move tokens through Permit2",
     "transferFrom(address from,address to,uint160 amount,address token)"},
    {0xcc53287fU, HT_CALL_OTHER, "Revoke allowances of Permit2",
     "lockdown((address token,address spender)[] approvals)"},
    {0x42842e0eU, HT_CALL_NFT_TRANSFER, "Send a token",
     "safeTransferFrom(address from,address to,uint256 tokenId)"},
    {0xb88d4fdeU, HT_CALL_NFT_TRANSFER, "Send a token",
     "safeTransferFrom(address from,address to,uint256 tokenId,bytes data)"},
    {0xf242432aU, HT_CALL_NFT_TRANSFER, "Send tokens of one kind",
     "safeTransferFrom(address from,address to,uint256 id,uint256 amount,bytes data)"},
    {0x2eb2c2d6U, HT_CALL_NFT_TRANSFER, "Send tokens of several kinds",
     "safeBatchTransferFrom(address from,address to,uint256[] ids,uint256[] amounts,bytes data)"},
    {0xa22cb465U, HT_CALL_APPROVE_ALL, "Hand over control of all tokens",
     "setApprovalForAll(address operator,bool approved)"},
    {0x42966c68U, HT_CALL_OTHER, "Burn tokens", "burn(uint256 amount)"},
    {0x40c10f19U, HT_CALL_OTHER, "Mint tokens", "mint(address to,uint256 amount)"},
    {0xd0e30db0U, HT_CALL_OTHER, "Wrap ETH", "deposit()"},
    {0x2e1a7d4dU, HT_CALL_OTHER, "Unwrap ETH", "withdraw(uint256 amount)"},
    {0x5c19a95cU, HT_CALL_OTHER, "Delegate voting power", "delegate(address delegatee)"},
    {0xc3cda520U, HT_CALL_OTHER, "Delegate voting power by signature",
     "delegateBySig(address delegatee,uint256 nonce,uint256 expiry,uint8 v,bytes32 r,bytes32 s)"},
    {0xac9650d8U, HT_CALL_CALLS_SELF, "Several calls in one", "multicall(bytes[] data)"},
    {0x5ae401dcU, HT_CALL_CALLS_SELF, "Several calls in one",
     "multicall(uint256 deadline,bytes[] data)"},
    {0x1f0464d1U, HT_CALL_CALLS_SELF, "Several calls in one",
     "multicall(bytes32 previousBlockhash,bytes[] data)"},
    {0x252dba42U, HT_CALL_CALLS, "Several calls in one",
     "aggregate((address target,bytes callData)[] calls)"},
    {0xbce38bd7U, HT_CALL_CALLS, "Several calls in one",
     "tryAggregate(bool requireSuccess,(address target,bytes callData)[] calls)"},
    {0x82ad56cbU, HT_CALL_CALLS, "Several calls in one",
     "aggregate3((address target,bool allowFailure,bytes callData)[] calls)"},
    {0x174dea71U, HT_CALL_CALLS, "Several calls in one",
     "aggregate3Value((address target,bool allowFailure,uint256 value,bytes callData)[] calls)"},
    {0xc3077fa9U, HT_CALL_CALLS, "Several calls in one",
     "blockAndAggregate((address target,bytes callData)[] calls)"},
    {0x399542e9U, HT_CALL_CALLS, "Several calls in one",
     "tryBlockAndAggregate(bool requireSuccess,(address target,bytes callData)[] calls)"},
    {0xb61d27f6U, HT_CALL_CALLS, "Call through an account contract",
     "execute(address target,uint256 value,bytes data)"},
    {0x34fcd5beU, HT_CALL_CALLS, "Several calls through an account contract",
     "executeBatch((address target,uint256 value,bytes data)[] calls)"},
    {0x18dfb3c7U, HT_CALL_CALLS, "Several calls through an account contract",
     "executeBatch(address[] targets,bytes[] calldatas)"},
    {0x47e1da2aU, HT_CALL_CALLS, "Several calls through an account contract",
     "executeBatch(address[] targets,uint256[] values,bytes[] calldatas)"},
    {0x51945447U, HT_CALL_CALLS, "Call through an account contract",
     "execute(address to,uint256 value,bytes data,uint8 operation)"},
    {0xe9ae5c53U, HT_CALL_EXECUTION, "Calls through an account contract",
     "execute(bytes32 mode,bytes executionCalldata)"},
    {0xd691c964U, HT_CALL_EXECUTION, "Calls through an account contract by a module",
     "executeFromExecutor(bytes32 mode,bytes executionCalldata)"},
    {0x1cff79cdU, HT_CALL_DELEGATE, "Run other code through a proxy contract",
     "execute(address target,bytes data)"},
    {0x6a761202U, HT_CALL_CALLS, "Run a transaction of a Safe",
     "execTransaction(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,uint256 gasPrice,address gasToken,address refundReceiver,bytes signatures)"},
    {0x468721a7U, HT_CALL_CALLS, "Run a transaction of a Safe by a module",
     "execTransactionFromModule(address to,uint256 value,bytes data,uint8 operation)"},
    {0x5229073fU, HT_CALL_CALLS, "Run a transaction of a Safe by a module",
     "execTransactionFromModuleReturnData(address to,uint256 value,bytes data,uint8 operation)"},
    {0x8d80ff0aU, HT_CALL_MULTISEND, "Several calls of a Safe", "multiSend(bytes transactions)"},
    {0xd4d9bdcdU, HT_CALL_OTHER, "Approve a Safe's transaction",
     "approveHash(bytes32 hashToApprove)"},
    {0x0d582f13U, HT_CALL_CONTROL, "Add an owner to a Safe",
     "addOwnerWithThreshold(address owner,uint256 threshold)"},
    {0xf8dc5dd9U, HT_CALL_CONTROL, "Remove an owner of a Safe",
     "removeOwner(address prevOwner,address owner,uint256 threshold)"},
    {0xe318b52bU, HT_CALL_CONTROL, "Replace an owner of a Safe",
     "swapOwner(address prevOwner,address oldOwner,address newOwner)"},
    {0x694e80c3U, HT_CALL_CONTROL, "Change how many owners of a Safe must sign",
     "changeThreshold(uint256 threshold)"},
    {0x610b5925U, HT_CALL_CONTROL, "Give a module full control of a Safe",
     "enableModule(address module)"},
    {0xe009cfdeU, HT_CALL_CONTROL, "Take a module's control of a Safe away",
     "disableModule(address prevModule,address module)"},
    {0xe19a9dd9U, HT_CALL_CONTROL, "Set the guard of a Safe", "setGuard(address guard)"},
    {0xf08a0323U, HT_CALL_CONTROL, "Set the fallback handler of a Safe",
     "setFallbackHandler(address handler)"},
    {0x56781388U, HT_CALL_OTHER, "Vote", "castVote(uint256 proposalId,uint8 support)"},
    {0x7b3c71d3U, HT_CALL_OTHER, "Vote with a reason",
     "castVoteWithReason(uint256 proposalId,uint8 support,string reason)"},
    {0x5f398a14U, HT_CALL_OTHER, "Vote with a reason and parameters",
     "castVoteWithReasonAndParams(uint256 proposalId,uint8 support,string reason,bytes params)"},
    {0x8ff262e3U, HT_CALL_OTHER, "Vote by signature",
     "castVoteBySig(uint256 proposalId,uint8 support,address voter,bytes signature)"},
    {0x3bccf4fdU, HT_CALL_OTHER, "Vote by signature",
     "castVoteBySig(uint256 proposalId,uint8 support,uint8 v,bytes32 r,bytes32 s)"},
    {0x5b8d0e0dU, HT_CALL_OTHER, "Vote by signature",
     "castVoteWithReasonAndParamsBySig(uint256 proposalId,uint8 support,address voter,string reason,bytes params,bytes signature)"},
    {0x7d5e81e2U, HT_CALL_CALLS, "Propose to the governor",
     "propose(address[] targets,uint256[] values,bytes[] calldatas,string description)"},
    {0xda95691aU, HT_CALL_CALLS, "Propose to the governor",
     "propose(address[] targets,uint256[] values,string[] signatures,bytes[] calldatas,string description)"},
    {0x160cbed7U, HT_CALL_CALLS, "Queue a proposal",
     "queue(address[] targets,uint256[] values,bytes[] calldatas,bytes32 descriptionHash)"},
    {0x2656227dU, HT_CALL_CALLS, "Execute a proposal",
     "execute(address[] targets,uint256[] values,bytes[] calldatas,bytes32 descriptionHash)"},
    {0x452115d6U, HT_CALL_CALLS_UNDONE, "Cancel a proposal",
     "cancel(address[] targets,uint256[] values,bytes[] calldatas,bytes32 descriptionHash)"},
    {0xddf0b009U, HT_CALL_OTHER, "Queue a proposal", "queue(uint256 proposalId)"},
    {0xfe0d94c1U, HT_CALL_OTHER, "Execute a proposal", "execute(uint256 proposalId)"},
    {0x40e58ee5U, HT_CALL_OTHER, "Cancel a proposal", "cancel(uint256 proposalId)"},
    {0xa890c910U, HT_CALL_CONTROL, "Replace a governor's timelock",
     "updateTimelock(address newTimelock)"},
    {0x06f3f9e6U, HT_CALL_CONTROL, "Change a governor's quorum",
     "updateQuorumNumerator(uint256 newQuorumNumerator)"},
    {0x79051887U, HT_CALL_CONTROL, "Change a governor's voting delay",
     "setVotingDelay(uint48 newVotingDelay)"},
    {0xe540d01dU, HT_CALL_CONTROL, "Change a governor's voting period",
     "setVotingPeriod(uint32 newVotingPeriod)"},
    {0xece40cc1U, HT_CALL_CONTROL, "Change who may propose to a governor",
     "setProposalThreshold(uint256 newProposalThreshold)"},
    {0xc28bc2faU, HT_CALL_CALLS, "Call through the governor",
     "relay(address target,uint256 value,bytes data)"},
    {0x01d5062aU, HT_CALL_CALLS, "Schedule a call of a timelock",
     "schedule(address target,uint256 value,bytes data,bytes32 predecessor,bytes32 salt,uint256 delay)"},
    {0x8f2a0bb0U, HT_CALL_CALLS, "Schedule calls of a timelock",
     "scheduleBatch(address[] targets,uint256[] values,bytes[] payloads,bytes32 predecessor,bytes32 salt,uint256 delay)"},
    {0x134008d3U, HT_CALL_CALLS, "Execute a call of a timelock",
     "execute(address target,uint256 value,bytes payload,bytes32 predecessor,bytes32 salt)"},
    {0xe38335e5U, HT_CALL_CALLS, "Execute calls of a timelock",
     "executeBatch(address[] targets,uint256[] values,bytes[] payloads,bytes32 predecessor,bytes32 salt)"},
    {0x64d62353U, HT_CALL_CONTROL, "Change the delay of a timelock",
     "updateDelay(uint256 newDelay)"},
    {0x3a66f901U, HT_CALL_CALLS, "Queue a call of a timelock (Compound)",
     "queueTransaction(address target,uint256 value,string signature,bytes data,uint256 eta)"},
    {0x0825f38fU, HT_CALL_CALLS, "Execute a call of a timelock (Compound)",
     "executeTransaction(address target,uint256 value,string signature,bytes data,uint256 eta)"},
    {0x591fcdfeU, HT_CALL_CALLS_UNDONE, "Cancel a call of a timelock (Compound)",
     "cancelTransaction(address target,uint256 value,string signature,bytes data,uint256 eta)"},
    {0x4dd18bf5U, HT_CALL_CONTROL, "Hand over a contract", "setPendingAdmin(address pendingAdmin)"},
    {0xc4d252f5U, HT_CALL_OTHER, "Cancel an operation of a timelock", "cancel(bytes32 id)"},
    {0x2f2ff15dU, HT_CALL_CONTROL, "Give a role", "grantRole(bytes32 role,address account)"},
    {0xd547741fU, HT_CALL_CONTROL, "Take a role away", "revokeRole(bytes32 role,address account)"},
    {0x36568abeU, HT_CALL_CONTROL, "Give up a role", "renounceRole(bytes32 role,address account)"},
    {0xf2fde38bU, HT_CALL_CONTROL, "Hand over a contract", "transferOwnership(address newOwner)"},
    {0x715018a6U, HT_CALL_CONTROL, "Give up a contract", "renounceOwnership()"},
    {0x3659cfe6U, HT_CALL_CONTROL, "Replace a contract's code",
     "upgradeTo(address newImplementation)"},
    {0x99a88ec4U, HT_CALL_CONTROL, "Replace a contract's code",
     "upgrade(address proxy,address implementation)"},
    {0x9623609dU, HT_CALL_UPGRADE, "Replace a contract's code",
     "upgradeAndCall(address proxy,address implementation,bytes data)"},
    {0x8f283970U, HT_CALL_CONTROL, "Hand over a proxy contract", "changeAdmin(address newAdmin)"},
    {0x7eff275eU, HT_CALL_CONTROL, "Hand over a proxy contract",
     "changeProxyAdmin(address proxy,address newAdmin)"},
    {0x13af4035U, HT_CALL_CONTROL, "Hand over a contract", "setOwner(address newOwner)"},
    {0x4f1ef286U, HT_CALL_UPGRADE, "Replace a contract's code",
     "upgradeToAndCall(address newImplementation,bytes data)"},
    {0xf17325e7U, HT_CALL_OTHER, "Attest (EAS)",
     "attest((bytes32 schema,(address recipient,uint64 expirationTime,bool revocable,bytes32 refUID,bytes data,uint256 value) data) request)"},
    {0x44adc90eU, HT_CALL_OTHER, "Attest several things (EAS)",
     "multiAttest((bytes32 schema,(address recipient,uint64 expirationTime,bool revocable,bytes32 refUID,bytes data,uint256 value)[] data)[] multiRequests)"},
    {0x46926267U, HT_CALL_OTHER, "Revoke an attestation (EAS)",
     "revoke((bytes32 schema,(bytes32 uid,uint256 value) data) request)"},
    {0x4cb7e9e5U, HT_CALL_OTHER, "Revoke several attestations (EAS)",
     "multiRevoke((bytes32 schema,(bytes32 uid,uint256 value)[] data)[] multiRequests)"},
    {0x4d003070U, HT_CALL_OTHER, "Timestamp data (EAS)", "timestamp(bytes32 data)"},
    {0xcf190f34U, HT_CALL_OTHER, "Revoke off-chain attestations (EAS)",
     "revokeOffchain(bytes32 data)"},
    {0x13893f61U, HT_CALL_OTHER, "Revoke several off-chain attestations (EAS)",
     "multiRevokeOffchain(bytes32[] data)"},
    {0x3c042715U, HT_CALL_OTHER, "Send what somebody else attests (EAS)",
     "attestByDelegation((bytes32 schema,(address recipient,uint64 expirationTime,bool revocable,bytes32 refUID,bytes data,uint256 value) data,(uint8 v,bytes32 r,bytes32 s) signature,address attester,uint64 deadline) delegatedRequest)"},
    {0xe13458fcU, HT_CALL_OTHER, "Send what somebody else attests (EAS)",
     "attestByDelegation((bytes32 schema,(address recipient,uint64 expirationTime,bool revocable,bytes32 refUID,bytes data,uint256 value) data,(uint8 v,bytes32 r,bytes32 s) signature,address attester) delegatedRequest)"},
    {0xa6d4dbc7U, HT_CALL_OTHER, "Send somebody else's revocation (EAS)",
     "revokeByDelegation((bytes32 schema,(bytes32 uid,uint256 value) data,(uint8 v,bytes32 r,bytes32 s) signature,address revoker,uint64 deadline) delegatedRequest)"},
    {0xe57a6b1bU, HT_CALL_OTHER, "Send somebody else's revocation (EAS)",
     "revokeByDelegation((bytes32 schema,(bytes32 uid,uint256 value) data,(uint8 v,bytes32 r,bytes32 s) signature,address revoker) delegatedRequest)"},
    {0x60d7a278U, HT_CALL_OTHER, "Register a schema (EAS)",
     "register(string schema,address resolver,bool revocable)"},
    {0xf14fcbc8U, HT_CALL_OTHER, "Commit to a name (ENS)", "commit(bytes32 commitment)"},
    {0x74694a2bU, HT_CALL_OTHER, "Register a name (ENS)",
     "register(string name,address owner,uint256 duration,bytes32 secret,address resolver,bytes[] data,bool reverseRecord,uint16 ownerControlledFuses)"},
    {0xacf1a841U, HT_CALL_OTHER, "Renew a name (ENS)", "renew(string name,uint256 duration)"},
    {0x5b0fc9c3U, HT_CALL_CONTROL, "Hand over a name (ENS)",
     "setOwner(bytes32 node,address owner)"},
    {0x1896f70aU, HT_CALL_OTHER, "Set a name's resolver (ENS)",
     "setResolver(bytes32 node,address resolver)"},
    {0x06ab5923U, HT_CALL_CONTROL, "Hand over a name below a name (ENS)",
     "setSubnodeOwner(bytes32 node,bytes32 label,address owner)"},
    {0x5ef2c7f0U, HT_CALL_OTHER, "Set a name below a name (ENS)",
     "setSubnodeRecord(bytes32 node,bytes32 label,address owner,address resolver,uint64 ttl)"},
    {0xd5fa2b00U, HT_CALL_OTHER, "Set a name's address (ENS)", "setAddr(bytes32 node,address a)"},
    {0x8b95dd71U, HT_CALL_OTHER, "Set a name's address (ENS)",
     "setAddr(bytes32 node,uint256 coinType,bytes a)"},
    {0x10f13a8cU, HT_CALL_OTHER, "Set a text of a name (ENS)",
     "setText(bytes32 node,string key,string value)"},
    {0x304e6adeU, HT_CALL_OTHER, "Set a name's content (ENS)",
     "setContenthash(bytes32 node,bytes hash)"},
    {0xc47f0027U, HT_CALL_OTHER, "Set the name of an address (ENS)", "setName(string name)"},
    {0xf00d4b5dU, HT_CALL_CONTROL, "Hand over an identity (did:ethr)",
     "changeOwner(address identity,address newOwner)"},
    {0xa7068d66U, HT_CALL_CONTROL, "Add a delegate of an identity (did:ethr)",
     "addDelegate(address identity,bytes32 delegateType,address delegate,uint256 validity)"},
    {0x80b29f7cU, HT_CALL_OTHER, "Revoke a delegate of an identity (did:ethr)",
     "revokeDelegate(address identity,bytes32 delegateType,address delegate)"},
    {0x7ad4b0a4U, HT_CALL_OTHER, "Set an attribute of an identity (did:ethr)",
     "setAttribute(address identity,bytes32 name,bytes value,uint256 validity)"},
    {0x00c023daU, HT_CALL_OTHER, "Revoke an attribute of an identity (did:ethr)",
     "revokeAttribute(address identity,bytes32 name,bytes value)"},
    {0x38ed1739U, HT_CALL_OTHER, "Swap tokens (Uniswap v2)",
     "swapExactTokensForTokens(uint256 amountIn,uint256 amountOutMin,address[] path,address to,uint256 deadline)"},
    {0x8803dbeeU, HT_CALL_OTHER, "Swap tokens (Uniswap v2)",
     "swapTokensForExactTokens(uint256 amountOut,uint256 amountInMax,address[] path,address to,uint256 deadline)"},
    {0x7ff36ab5U, HT_CALL_OTHER, "Swap ETH for tokens (Uniswap v2)",
     "swapExactETHForTokens(uint256 amountOutMin,address[] path,address to,uint256 deadline)"},
    {0xfb3bdb41U, HT_CALL_OTHER, "Swap ETH for tokens (Uniswap v2)",
     "swapETHForExactTokens(uint256 amountOut,address[] path,address to,uint256 deadline)"},
    {0x18cbafe5U, HT_CALL_OTHER, "Swap tokens for ETH (Uniswap v2)",
     "swapExactTokensForETH(uint256 amountIn,uint256 amountOutMin,address[] path,address to,uint256 deadline)"},
    {0x4a25d94aU, HT_CALL_OTHER, "Swap tokens for ETH (Uniswap v2)",
     "swapTokensForExactETH(uint256 amountOut,uint256 amountInMax,address[] path,address to,uint256 deadline)"},
    {0xf305d719U, HT_CALL_OTHER, "Add to a pool (Uniswap v2)",
     "addLiquidityETH(address token,uint256 amountTokenDesired,uint256 amountTokenMin,uint256 amountETHMin,address to,uint256 deadline)"},
    {0x02751cecU, HT_CALL_OTHER, "Take from a pool (Uniswap v2)",
     "removeLiquidityETH(address token,uint256 liquidity,uint256 amountTokenMin,uint256 amountETHMin,address to,uint256 deadline)"},
    {0x414bf389U, HT_CALL_OTHER, "Swap tokens (Uniswap v3)",
     "exactInputSingle((address tokenIn,address tokenOut,uint24 fee,address recipient,uint256 deadline,uint256 amountIn,uint256 amountOutMinimum,uint160 sqrtPriceLimitX96) params)"},
    {0x04e45aafU, HT_CALL_OTHER, "Swap tokens (Uniswap v3)",
     "exactInputSingle((address tokenIn,address tokenOut,uint24 fee,address recipient,uint256 amountIn,uint256 amountOutMinimum,uint160 sqrtPriceLimitX96) params)"},
    {0xc04b8d59U, HT_CALL_OTHER, "Swap tokens (Uniswap v3)",
     "exactInput((bytes path,address recipient,uint256 deadline,uint256 amountIn,uint256 amountOutMinimum) params)"},
    {0xb858183fU, HT_CALL_OTHER, "Swap tokens (Uniswap v3)",
     "exactInput((bytes path,address recipient,uint256 amountIn,uint256 amountOutMinimum) params)"},
    {0xdb3e2198U, HT_CALL_OTHER, "Swap tokens (Uniswap v3)",
     "exactOutputSingle((address tokenIn,address tokenOut,uint24 fee,address recipient,uint256 deadline,uint256 amountOut,uint256 amountInMaximum,uint160 sqrtPriceLimitX96) params)"},
    {0x49404b7cU, HT_CALL_OTHER, "Unwrap WETH (Uniswap v3)",
     "unwrapWETH9(uint256 amountMinimum,address recipient)"},
    {0x12210e8aU, HT_CALL_OTHER, "Take ETH back (Uniswap v3)", "refundETH()"},
    {0xdf2ab5bbU, HT_CALL_OTHER, "Take tokens out (Uniswap v3)",
     "sweepToken(address token,uint256 amountMinimum,address recipient)"},
    {0x3593564cU, HT_CALL_PACKED, "Run commands of the Universal Router (Uniswap)",
     "execute(bytes commands,bytes[] inputs,uint256 deadline)"},
    {0x24856bc3U, HT_CALL_PACKED, "Run commands of the Universal Router (Uniswap)",
     "execute(bytes commands,bytes[] inputs)"},
    {0x12aa3cafU, HT_CALL_PACKED, "Swap tokens (1inch v5)",
     "swap(address executor,(address srcToken,address dstToken,address srcReceiver,address dstReceiver,uint256 amount,uint256 minReturnAmount,uint256 flags) desc,bytes permit,bytes data)"},
    {0x07ed2379U, HT_CALL_PACKED, "Swap tokens (1inch v6)",
     "swap(address executor,(address srcToken,address dstToken,address srcReceiver,address dstReceiver,uint256 amount,uint256 minReturnAmount,uint256 flags) desc,bytes data)"},
    {0xf78dc253U, HT_CALL_PACKED, "Swap tokens (1inch)",
     "unoswapTo(address recipient,address srcToken,uint256 amount,uint256 minReturn,uint256[] pools)"},
    {0xe449022eU, HT_CALL_PACKED, "Swap tokens (1inch)",
     "uniswapV3Swap(uint256 amount,uint256 minReturn,uint256[] pools)"},
};
const size_t ht_known_call_count = sizeof ht_known_calls / sizeof *ht_known_calls;

const struct ht_known_call *ht_known_call_find(ht_bytes data) {
    if (data.n < 4) return NULL;
    uint32_t selector = (uint32_t)data.p[0] << 24 | (uint32_t)data.p[1] << 16 |
                        (uint32_t)data.p[2] << 8 | data.p[3];
    for (size_t i = 0; i < ht_known_call_count; i++) {
        if (ht_known_calls[i].selector == selector) return &ht_known_calls[i];
    }
    return NULL;
}

void ht_known_call_canonical(char out[static HT_KNOWN_SIGNATURE_SIZE],
                             const struct ht_known_call *call) {
    size_t n = 0;
    bool is_name = false;
    for (const char *p = call->signature; *p != '\0'; p++) {
        is_name = (is_name || *p == ' ') && *p != ',' && *p != ')';
        ht_assert(n + 1 < HT_KNOWN_SIGNATURE_SIZE);
        if (!is_name) out[n++] = *p;
    }
    out[n] = '\0';
}

/* --- arguments --------------------------------------------------------------------------------*/

/* One argument in a signature: "(address to,uint256 value)[] calls". */
struct part {
    ht_bytes inner; /* between the parentheses of a tuple */
    bool is_tuple;
    ht_bytes type; /* "uint256[2][]", of a tuple its brackets only */
    ht_bytes name;
};

static size_t end_of_type(ht_bytes text, size_t at) {
    while (at < text.n && text.p[at] != ' ' && text.p[at] != ',') at++;
    return at;
}

/* Takes the next argument off a list of them. */
static bool take_part(struct part *out, ht_bytes *rest) {
    size_t at = 0;
    if (rest->n == 0) return false;
    *out = (struct part){.is_tuple = rest->p[0] == '('};
    if (out->is_tuple) {
        size_t open = 0;
        do {
            if (rest->p[at] == '(') open++;
            if (rest->p[at] == ')') open--;
            at++;
        } while (open > 0 && at < rest->n);
        out->inner = ht_bytes_of(rest->p + 1, at - 2);
    }
    size_t end = end_of_type(*rest, at);
    out->type = ht_bytes_of(rest->p + at, end - at);
    size_t name = end < rest->n && rest->p[end] == ' ' ? end + 1 : end;
    end = end_of_type(*rest, name);
    out->name = ht_bytes_of(rest->p + name, end - name);
    size_t taken = end < rest->n ? end + 1 : end;
    *rest = ht_bytes_of(rest->p + taken, rest->n - taken);
    return true;
}

static json_t *leaf_value(const struct part *part, json_t *value) {
    ht_addr20 address;
    const char *text = json_string_value(value);
    ht_bytes bytes = ht_bytes_of(text, json_string_length(value));
    if (text != NULL && ht_bytes_equal(part->type, ht_bytes_str("string"))) {
        return ht_explain_safe_text(bytes);
    }
    if (text != NULL && ht_bytes_equal(part->type, ht_bytes_str("address")) &&
        ht_hex_read(address.b, sizeof address.b, bytes) == HT_OK) {
        return ht_address_json(&address);
    }
    return json_incref(value);
}

static json_t *node_of(const struct part *part, json_t *value);

static json_t *elements_of(const struct part *part, const json_t *list) {
    json_t *children = json_array();
    struct part element = *part;
    while (element.type.n > 0 && element.type.p[element.type.n - 1] != '[') element.type.n--;
    if (element.type.n > 0) element.type.n--;
    size_t index = 0;
    json_t *value = NULL;
    json_array_foreach((json_t *)(uintptr_t)list, index, value) {
        char name[24];
        (void)snprintf(name, sizeof name, "%zu", index);
        element.name = ht_bytes_str(name);
        (void)json_array_append_new(children, node_of(&element, value));
    }
    return children;
}

static json_t *fields_of(ht_bytes inner, const json_t *list) {
    json_t *children = json_array();
    struct part part;
    for (size_t i = 0; take_part(&part, &inner); i++) {
        (void)json_array_append_new(children, node_of(&part, json_array_get(list, i)));
    }
    return children;
}

/* Recurses into lists and tuples. NULL without memory, which appending then refuses. */
static json_t *node_of(const struct part *part, json_t *value) {
    bool is_array = part->type.n > 0 && part->type.p[part->type.n - 1] == ']';
    json_t *node = json_object();
    char type[64];
    (void)snprintf(type, sizeof type, "%s%.*s", part->is_tuple ? "tuple" : "", (int)part->type.n,
                   part->type.n > 0 ? (const char *)part->type.p : "");
    (void)json_object_set_new(node, "name", json_stringn((const char *)part->name.p, part->name.n));
    (void)json_object_set_new(node, "type", json_string(type));
    if (is_array)
        (void)json_object_set_new(node, "children", elements_of(part, value));
    else if (part->is_tuple)
        (void)json_object_set_new(node, "children", fields_of(part->inner, value));
    else
        (void)json_object_set_new(node, "value", leaf_value(part, value));
    return node;
}

enum ht_err ht_known_call_decode(json_t **out, bool *has_trailing, const struct ht_known_call *call,
                                 ht_bytes data, struct ht_why *why) {
    char canonical[HT_KNOWN_SIGNATURE_SIZE];
    struct ht_arena arena;
    struct ht_abi_type tuple;
    struct ht_why reason = {.code = "", .text = ""};
    json_t *values = NULL;
    ht_known_call_canonical(canonical, call);
    const char *types = strchr(canonical, '(');
    const char *names = strchr(call->signature, '(') + 1;
    ht_bytes arguments = ht_bytes_of(data.p + 4, data.n - 4);
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = ht_abi_type_read(&tuple, &arena, ht_bytes_str(types), why);
    if (err == HT_OK) err = ht_abi_decode(&values, &tuple, arguments, HT_ABI_EXACT, &reason);
    bool is_loose = err == HT_EINPUT && strcmp(reason.code, "abi_trailing") == 0;
    if (is_loose) err = ht_abi_decode(&values, &tuple, arguments, HT_ABI_TRAILING_ALLOWED, &reason);
    ht_arena_fini(&arena);
    if (err != HT_OK) return ht_fail(why, err, reason.code, "%s", reason.text);
    *out = fields_of(ht_bytes_of(names, strlen(names) - 1), values);
    *has_trailing = is_loose;
    json_decref(values);
    return HT_OK;
}
