// The wallet and its settings. The review sheet is no part of this: a request opens it at once, on any screen.
export { Devices } from '../screens/Devices'
export { Permissions } from '../screens/Permissions'
export { Settings } from '../screens/Settings'
export { Wallet } from '../screens/Wallet'
