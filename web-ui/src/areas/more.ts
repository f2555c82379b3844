// What is read rather than used: how to connect, and help.
export { Connect } from '../screens/Connect'
export { Help } from '../screens/Help'
