if vim.fn.has('nvim-0.12') == 0 then
  return -- `:checkhealth codeassist` says so
end

local group = vim.api.nvim_create_augroup('codeassist', {})

---@param event string|string[]
---@param callback fun(event: vim.api.keyset.create_autocmd.callback_args)
local function on(event, callback)
  vim.api.nvim_create_autocmd(event, { group = group, callback = callback })
end

on('BufFilePre', function(event)
  require('codeassist.server').rename(event.buf)
end)
on('BufWritePost', function(event)
  require('codeassist.server').look_again(event.buf)
end)
on('LspAttach', function(event)
  require('codeassist.attaching').attach(event.buf, event.data.client_id)
end)
on('LspProgress', function(event)
  require('codeassist.state').on_progress(event.data.client_id, event.data.params)
end)
on('LspRequest', function(event)
  require('codeassist.state').on_request(event.data.client_id, event.data.request)
end)
on('LspNotify', function(event)
  if event.data.method == 'textDocument/didChange' then
    require('codeassist.telling').changed(event.data.client_id, event.data.params)
  end
end)

vim.api.nvim_create_user_command('Codeassist', function(args)
  require('codeassist.command').run(args.fargs)
end, {
  nargs = '*',
  desc = 'codeassist: status, model, fine-tuning, ...',
  complete = function(lead, line)
    return require('codeassist.command').complete(lead, line)
  end,
})
