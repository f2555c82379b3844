// The owner's own, in one script, since all areas are fetched in the end and one packs better than four: looking things up,
// what is read rather than used, other nodes, the wallet and its settings. The review sheet is no part of this: a request
// opens it at once, on any screen.
export { Account } from '../screens/Account'
export { Block } from '../screens/Block'
export { Look } from '../screens/Look'
export { Tx } from '../screens/Tx'
export { Connect } from '../screens/Connect'
export { Help } from '../screens/Help'
export { Peers } from '../screens/Peers'
export { Reach } from '../screens/Reach'
export { Devices } from '../screens/Devices'
export { Permissions } from '../screens/Permissions'
export { Settings } from '../screens/Settings'
export { Wallet } from '../screens/Wallet'
